//! Talking to the user: levels of quiet, colours, progress bars, errors, JSON. Results go to standard output, everything else to
//! standard error. Knows no packages.

use crate::work::locked;
use crate::{Error, Result};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
pub const NAME: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();

/// `text` in a style; the stream takes the style away where it is not wanted.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

pub struct Ui {
    /// Negative: quiet, positive: talkative.
    pub level: i32,
    pub json: bool,
}

impl Ui {
    pub fn new(verbose: u8, quiet: u8, json: bool, no_color: bool) -> Ui {
        if no_color {
            anstream::ColorChoice::Never.write_global();
        }
        Ui { level: i32::from(verbose) - i32::from(quiet), json }
    }

    /// A line of the result.
    pub fn out(&self, line: impl Display) {
        let mut out = anstream::stdout().lock();
        // A reader that went away (`| head`) is no error.
        if writeln!(out, "{line}").is_err() {
            std::process::exit(0);
        }
    }

    /// A line about what is going on.
    pub fn say(&self, line: impl Display) {
        if self.level >= 0 {
            let _ = writeln!(anstream::stderr().lock(), "{line}");
        }
    }

    pub fn detail(&self, line: impl Display) {
        if self.level >= 1 {
            let _ = writeln!(anstream::stderr().lock(), "{}", styled(DIM, line));
        }
    }

    pub fn warn(&self, line: impl Display) {
        if self.level >= -1 {
            let _ = writeln!(anstream::stderr().lock(), "{}: {line}", styled(WARN, "warning"));
        }
    }

    pub fn json<T: serde::Serialize>(&self, value: &T) -> Result<()> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Error::failed("cannot write JSON").because(error))?;
        self.out(text);
        Ok(())
    }
}

/// Prints an error with its causes and advice.
pub fn report(error: &Error, json: bool) {
    let mut out = anstream::stderr().lock();
    if json {
        let value = serde_json::json!({
            "error": error.message(),
            "because": error.causes(),
            "hints": error.hints(),
            "exit_code": error.code() as u8,
        });
        let _ = writeln!(anstream::stdout().lock(), "{value:#}");
    }
    let _ = writeln!(out, "{}: {}", styled(BAD, "error"), error.message());
    for cause in error.causes() {
        let mut lines = cause.trim().lines();
        let first = lines.next().unwrap_or("");
        // The solver's story begins with the word by itself.
        let because = if first.starts_with("Because ") { "" } else { "because " };
        let _ = writeln!(out, "  {because}{first}");
        for line in lines {
            let _ = writeln!(out, "    {line}");
        }
    }
    for hint in error.hints() {
        let _ = writeln!(out, "{}: {hint}", styled(HINT, "hint"));
    }
}

/// Bars on a terminal; nothing elsewhere.
pub struct Progress {
    bars: Option<MultiProgress>,
    spinner: Mutex<Option<ProgressBar>>,
    bytes: AtomicU64,
}

impl Progress {
    pub fn new(ui: &Ui) -> Progress {
        let wanted = ui.level >= 0 && !ui.json && std::io::stderr().is_terminal();
        let bars = wanted.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12)));
        Progress { bars, spinner: Mutex::new(None), bytes: AtomicU64::new(0) }
    }

    pub fn silent() -> Progress {
        Progress { bars: None, spinner: Mutex::new(None), bytes: AtomicU64::new(0) }
    }

    /// What is being done now, without a measure.
    pub fn step(&self, text: &str) {
        let Some(bars) = &self.bars else { return };
        let mut spinner = locked(&self.spinner);
        let bar = spinner.get_or_insert_with(|| {
            let bar = bars.add(ProgressBar::new_spinner());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        bar.set_message(text.to_owned());
    }

    /// Takes all bars away.
    pub fn clear(&self) {
        if let Some(bar) = locked(&self.spinner).take() {
            bar.finish_and_clear();
        }
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    /// A bar for one file. Small files get none: it would only flicker.
    pub fn file(&self, name: &str, size: Option<u64>) -> FileBar<'_> {
        let bar = self.bars.as_ref().filter(|_| size.is_none_or(|size| size > 256 << 10)).map(|bars| {
            let bar = bars.add(ProgressBar::new(size.unwrap_or(0)));
            let style = ProgressStyle::with_template("{msg:32!} {bar:28} {bytes:>10}/{total_bytes:10} {bytes_per_sec}");
            if let Ok(style) = style {
                bar.set_style(style.progress_chars("━╸ "));
            }
            bar.set_message(name.split('-').take(2).collect::<Vec<_>>().join("-"));
            bar
        });
        FileBar { progress: self, bar }
    }

    /// Bytes fetched so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

pub struct FileBar<'a> {
    progress: &'a Progress,
    bar: Option<ProgressBar>,
}

impl FileBar<'_> {
    /// A new try begins.
    pub fn restart(&self, length: Option<u64>) {
        if let Some(bar) = &self.bar {
            bar.set_position(0);
            if let Some(length) = length {
                bar.set_length(length);
            }
        }
    }

    pub fn advance(&self, count: u64) {
        self.progress.bytes.fetch_add(count, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(count);
        }
    }

    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `1.2 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// `0.32 s`, `41 ms`.
pub fn time(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        _ => format!("{:.2} s", duration.as_secs_f64()),
    }
}

/// `1 package`, `2 packages`.
pub fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
