//! `.netrc`: user names and passwords by host. Text in, credentials out.

use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub host: Option<String>,
    pub user: String,
    pub password: String,
}

#[derive(Clone, Debug, Default)]
pub struct Netrc(Vec<Login>);

impl Netrc {
    /// Reads `$NETRC` or `~/.netrc`; a file that is missing or malformed counts as empty, as for other clients.
    pub fn load() -> Netrc {
        let file = std::env::var_os("NETRC")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".netrc")));
        file.and_then(|file| std::fs::read_to_string(file).ok()).map(|text| Netrc::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Netrc {
        let mut logins: Vec<Login> = Vec::new();
        let mut in_macro = false;
        for line in text.lines() {
            if in_macro {
                in_macro = !line.trim().is_empty();
                continue;
            }
            let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            while let Some(word) = words.next() {
                match word {
                    "machine" => {
                        let host = words.next().map(str::to_owned);
                        logins.push(Login { host, user: String::new(), password: String::new() });
                    }
                    "default" => logins.push(Login { host: None, user: String::new(), password: String::new() }),
                    "login" | "user" => {
                        if let (Some(login), Some(user)) = (logins.last_mut(), words.next()) {
                            login.user = user.to_owned();
                        }
                    }
                    "password" => {
                        if let (Some(login), Some(password)) = (logins.last_mut(), words.next()) {
                            login.password = password.to_owned();
                        }
                    }
                    "account" => {
                        words.next();
                    }
                    "macdef" => {
                        in_macro = true;
                        break;
                    }
                    _ => {}
                }
            }
        }
        Netrc(logins)
    }

    pub fn find(&self, host: &str) -> Option<&Login> {
        self.0
            .iter()
            .find(|login| login.host.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(host)))
            .or_else(|| self.0.iter().find(|login| login.host.is_none()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins() {
        let netrc = Netrc::parse(
            "machine a.example login x password y\nmacdef init\ncd /\n\nmachine b.example\n login u\n password p # c\n",
        );
        assert_eq!(netrc.find("A.example").unwrap().password, "y");
        assert_eq!(netrc.find("b.example").unwrap().user, "u");
        assert!(netrc.find("c.example").is_none());
    }
}
