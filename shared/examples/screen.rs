//! Screens drafts, one JSON object a line: `screen FILE|-`; `screen --table` prints the table of rules.
//!
//! The mapping in `wire` is the public contract of `within24 screen` and of the function `screen-reply`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use within24::domain::screening::{Settings, screen, table};

#[path = "screen/wire.rs"]
mod wire;

fn main() -> anyhow::Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "-".to_owned());
    if argument == "--table" {
        print!("{}", table());
        return Ok(());
    }
    let input: Box<dyn Read> = if argument == "-" { Box::new(std::io::stdin()) } else { Box::new(std::fs::File::open(&argument)?) };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let settings = Settings::default();
    for (number, line) in BufReader::new(input).lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<wire::DraftIn>(&line) {
            Ok(draft) => {
                let id = draft.id.clone();
                let report = screen(&draft.into(), &settings);
                serde_json::to_writer(&mut out, &wire::ReportOut::new(id, &report))?;
                out.write_all(b"\n")?;
            }
            Err(error) => eprintln!("{argument}:{}: {error}", number + 1),
        }
    }
    Ok(())
}
