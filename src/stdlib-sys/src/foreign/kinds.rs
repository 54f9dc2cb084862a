//! How arguments and results are described: a letter for each word, brackets around the words of a structure.
//! Must not know: which register of a machine a word goes to.

/// One argument.
#[derive(Debug, PartialEq, Clone)]
pub enum Part {
    /// `i`: a word in an integer register.
    Integer,
    /// `d`: a word in a float register.
    Float,
    /// `(id)`: a structure in registers, or as a whole on the stack; which of its words are floats.
    Registers(Vec<bool>),
    /// `[mm]`: words on the stack; `{mm}`: on a multiple of 16.
    Memory { words: usize, is_aligned: bool },
}

/// Where a result comes back.
#[derive(Debug, PartialEq, Clone)]
pub enum Returned {
    /// `i`
    Integer,
    /// `f`
    Single,
    /// `d`
    Double,
    /// `(id)`
    Registers(Vec<bool>),
    /// `x`: an extended float.
    Extended,
}

/// What a callback gives.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "there are no callbacks"))]
pub enum Answered {
    Integer(u64),
    Float(u64),
    Extended([u64; 2]),
}

impl Part {
    pub fn words(&self) -> usize {
        match self {
            Part::Integer | Part::Float => 1,
            Part::Registers(floats) => floats.len(),
            Part::Memory { words, .. } => *words,
        }
    }
}

fn floats(letters: &[u8]) -> Option<Vec<bool>> {
    let is_float = |letter: &u8| match letter {
        b'i' => Some(false),
        b'd' => Some(true),
        _ => None,
    };
    let floats: Option<Vec<bool>> = letters.iter().map(is_float).collect();
    floats.filter(|floats| (1..=2).contains(&floats.len()))
}

/// None: not such a description.
pub fn parts(mut letters: &[u8]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while let Some((first, rest)) = letters.split_first() {
        let close = match first {
            b'i' | b'd' => {
                parts.push(if *first == b'i' { Part::Integer } else { Part::Float });
                letters = rest;
                continue;
            }
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            _ => return None,
        };
        let end = rest.iter().position(|letter| *letter == close)?;
        let (inside, after) = (&rest[..end], &rest[end + 1..]);
        parts.push(match first {
            b'(' => Part::Registers(floats(inside)?),
            _ => Part::Memory { words: inside.len(), is_aligned: *first == b'{' },
        });
        letters = after;
    }
    Some(parts)
}

pub fn returned(letters: &[u8]) -> Option<Returned> {
    Some(match letters {
        b"i" => Returned::Integer,
        b"f" => Returned::Single,
        b"d" => Returned::Double,
        b"x" => Returned::Extended,
        [b'(', inside @ .., b')'] => Returned::Registers(floats(inside)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_read() {
        let wanted = vec![
            Part::Integer,
            Part::Registers(vec![false, true]),
            Part::Memory { words: 3, is_aligned: false },
            Part::Memory { words: 2, is_aligned: true },
            Part::Float,
        ];
        assert_eq!(parts(b"i(id)[mmm]{mm}d"), Some(wanted));
        for wrong in [&b"(iii)"[..], b"(", b"()", b"x", b"]"] {
            assert_eq!(parts(wrong), None);
        }
        assert_eq!(returned(b"(dd)"), Some(Returned::Registers(vec![true, true])));
        assert_eq!(returned(b"q"), None);
    }
}
