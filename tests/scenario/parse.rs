//! Reads the notation of `tests/cases/README.md`.

use super::{Expect, Need, Scenario, Step};
use crate::resp::{Reply, quoted};

/// A line that is not in the notation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ParseError {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

type Parsed<T> = Result<T, ParseError>;

/// Every scenario of a file.
pub(crate) fn parse(text: &str) -> Parsed<Vec<Scenario>> {
    let mut lines = Lines { lines: text.lines().collect(), next: 0 };
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut file_needs = Vec::new();
    while let Some((number, line)) = lines.next_told() {
        if let Some(name) = line.strip_prefix("==") {
            let name = name.trim().to_string();
            if name.is_empty() || scenarios.iter().any(|s| s.name == name) {
                return fail(number, "a scenario needs a name of its own");
            }
            let (needs, keys) = (file_needs.clone(), vec![b"s".to_vec()]);
            scenarios.push(Scenario { name, line: number, needs, keys, steps: Vec::new() });
        } else if let Some(words) = line.strip_prefix("@needs ") {
            let needs = scenarios.last_mut().map_or(&mut file_needs, |s| &mut s.needs);
            for word in words.split_whitespace() {
                needs.push(need(number, word)?);
            }
        } else {
            let Some(scenario) = scenarios.last_mut() else {
                return fail(number, "a scenario begins with ==");
            };
            if let Some(keys) = line.strip_prefix("@keys ") {
                scenario.keys = words(number, keys)?;
            } else {
                let step = step(number, line, &mut lines)?;
                scenario.steps.push((number, step));
            }
        }
    }
    Ok(scenarios)
}

fn fail<T>(line: usize, problem: impl Into<String>) -> Parsed<T> {
    Err(ParseError { line, problem: problem.into() })
}

fn need(line: usize, word: &str) -> Parsed<Need> {
    match word {
        "connection" => return Ok(Need::Connection),
        "blocking" => return Ok(Need::Blocking),
        _ => {}
    }
    let release = word.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    match release {
        Some((major, minor)) => Ok(Need::Release(major, minor)),
        None => fail(line, format!("no host is known to have `{word}`")),
    }
}

fn step(number: usize, line: &str, lines: &mut Lines<'_>) -> Parsed<Step> {
    if let Some(ms) = line.strip_prefix('~') {
        return match ms.trim().parse() {
            Ok(ms) => Ok(Step::Pass { ms }),
            Err(_) => fail(number, "`~` takes milliseconds"),
        };
    }
    if let Some(client) = line.strip_prefix("close ") {
        return Ok(Step::Close { client: client.trim().to_string() });
    }
    if let Some(times) = line.strip_prefix("@repeat ") {
        let Ok(times) = times.trim().parse() else {
            return fail(number, "`@repeat` takes a number");
        };
        return match lines.next_told() {
            Some((number, line)) => command(number, line, times, lines),
            None => fail(number, "nothing to repeat"),
        };
    }
    if let Some((client, rest)) = addressed(line, ':') {
        let rest = rest.trim();
        return Ok(if rest == "parked" {
            Step::StillParked { client }
        } else {
            Step::Arrives { client, expect: lines.value(number, rest)? }
        });
    }
    command(number, line, 1, lines)
}

fn command(number: usize, line: &str, times: u32, lines: &mut Lines<'_>) -> Parsed<Step> {
    let Some((client, rest)) = addressed(line, '>') else {
        return fail(number, format!("neither a command nor anything else: {line}"));
    };
    let argv = words(number, rest)?;
    let Some((number, line)) = lines.next_told() else {
        return fail(number, "a command is followed by its reply");
    };
    let expect =
        if line == "parked" { Expect::Parked } else { Expect::Reply(lines.value(number, line)?) };
    Ok(Step::Command { client, argv, expect, times })
}

/// Splits `client> rest` or `client: rest`. Only a command may go without a client's name.
fn addressed(line: &str, sign: char) -> Option<(String, &str)> {
    let (client, rest) = line.split_once(sign)?;
    let mut letters = client.chars();
    let named = letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let free = !["id", "int", "any", "parked"].contains(&client);
    (named && free || client.is_empty() && sign == '>').then(|| (client.to_string(), rest))
}

fn words(number: usize, text: &str) -> Parsed<Vec<Vec<u8>>> {
    let mut reader = Reader::new(text);
    let mut words = Vec::new();
    loop {
        reader.skip_space();
        match reader.peek() {
            None => return Ok(words),
            Some(b'"') => words.push(reader.string().ok_or_else(|| unclosed(number))?),
            Some(_) => words.push(reader.bare(|b| b.is_ascii_whitespace() || b == b'"')),
        }
    }
}

/// A word of a command, quoted only when it must be.
pub(super) fn word(word: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_graphic() && *b != b'"';
    if !word.is_empty() && word.iter().all(plain) {
        String::from_utf8_lossy(word).into_owned()
    } else {
        quoted(word)
    }
}

fn unclosed(line: usize) -> ParseError {
    ParseError { line, problem: "a string is not closed or has an unknown escape".to_string() }
}

struct Lines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Lines<'a> {
    /// The next line that says something, with its number.
    fn next_told(&mut self) -> Option<(usize, &'a str)> {
        while let Some(line) = self.lines.get(self.next) {
            self.next += 1;
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                return Some((self.next, line));
            }
        }
        None
    }

    /// The value that begins with `first` and takes as many lines as its brackets need.
    fn value(&mut self, number: usize, first: &str) -> Parsed<Reply> {
        if let Some(text) = top_level_text(first) {
            return Ok(text);
        }
        let mut text = first.to_string();
        loop {
            let mut reader = Reader::new(&text);
            match reader.value() {
                Ok(value) => {
                    reader.skip_space();
                    return match reader.peek() {
                        None => Ok(value),
                        Some(_) => fail(number, format!("more than a value: {text}")),
                    };
                }
                Err(Trouble::Unfinished) => match self.lines.get(self.next) {
                    Some(line) => {
                        self.next += 1;
                        text.push('\n');
                        text.push_str(line);
                    }
                    None => return fail(number, "a bracket is not closed"),
                },
                Err(Trouble::Wrong) => return fail(number, format!("not a value: {text}")),
            }
        }
    }
}

/// `+text` and `-text` that stand alone and unquoted.
fn top_level_text(line: &str) -> Option<Reply> {
    let (sign, text) = line.split_at_checked(1)?;
    if text.starts_with('"') {
        return None;
    }
    match sign {
        "+" => Some(Reply::Simple(text.into())),
        "-" if !text.starts_with(|c: char| c.is_ascii_digit()) => Some(Reply::Error(text.into())),
        _ => None,
    }
}

enum Trouble {
    Unfinished,
    Wrong,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn bare(&mut self, ends: impl Fn(u8) -> bool) -> Vec<u8> {
        let from = self.at;
        while self.peek().is_some_and(|b| !ends(b)) {
            self.at += 1;
        }
        self.bytes[from..self.at].to_vec()
    }

    /// The string whose opening quote is next; `None` when it does not end or its escape is
    /// unknown.
    fn string(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(out),
                b'\\' => out.push(self.escape()?),
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' => byte,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let digits = self.bytes.get(self.at..self.at + 2)?;
                self.at += 2;
                u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?
            }
            _ => return None,
        })
    }

    fn value(&mut self) -> Result<Reply, Trouble> {
        self.skip_space();
        match self.peek().ok_or(Trouble::Unfinished)? {
            b'"' => Ok(Reply::Bulk(self.string().ok_or(Trouble::Wrong)?)),
            b'[' => Ok(Reply::Array(self.items(b']', Self::value)?)),
            sign @ (b'>' | b'~' | b'*' | b'=') if self.bytes.get(self.at + 1) == Some(&b'[') => {
                self.at += 1;
                if sign == b'=' {
                    return Ok(Reply::Lines(self.items(b']', Self::line)?));
                }
                let items = self.items(b']', Self::value)?;
                Ok(match sign {
                    b'>' => Reply::Push(items),
                    b'~' => Reply::Set(items),
                    _ => Reply::Unordered(items),
                })
            }
            b'{' if self.bytes.get(self.at + 1) == Some(&b'{') => {
                self.at += 1;
                let pairs = self.items(b'}', Self::pair)?;
                match self.peek().ok_or(Trouble::Unfinished)? {
                    b'}' => self.at += 1,
                    _ => return Err(Trouble::Wrong),
                }
                Ok(Reply::Pairs(pairs))
            }
            b'{' => Ok(Reply::Map(self.items(b'}', Self::pair)?)),
            sign @ (b'+' | b'-') if self.bytes.get(self.at + 1) == Some(&b'"') => {
                self.at += 1;
                let text = self.string().ok_or(Trouble::Wrong)?;
                Ok(if sign == b'+' { Reply::Simple(text) } else { Reply::Error(text) })
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Reply, Trouble> {
        let word = self.bare(|b| b.is_ascii_whitespace() || b",]}:".contains(&b));
        match word.as_slice() {
            b"nil$" => Ok(Reply::NilBulk),
            b"nil*" => Ok(Reply::NilArray),
            b"id" => Ok(Reply::AnyId),
            b"int" => Ok(Reply::AnyInt),
            b"any" => Ok(Reply::Any),
            word => core::str::from_utf8(word)
                .ok()
                .and_then(|word| word.parse().ok())
                .map(Reply::Int)
                .ok_or(Trouble::Wrong),
        }
    }

    /// A pattern of a line.
    fn line(&mut self) -> Result<Vec<u8>, Trouble> {
        self.skip_space();
        match self.peek().ok_or(Trouble::Unfinished)? {
            b'"' => self.string().ok_or(Trouble::Wrong),
            _ => Err(Trouble::Wrong),
        }
    }

    fn pair(&mut self) -> Result<(Reply, Reply), Trouble> {
        let key = self.value()?;
        self.skip_space();
        match self.peek().ok_or(Trouble::Unfinished)? {
            b':' => self.at += 1,
            _ => return Err(Trouble::Wrong),
        }
        Ok((key, self.value()?))
    }

    fn items<T>(
        &mut self,
        close: u8,
        item: impl Fn(&mut Self) -> Result<T, Trouble>,
    ) -> Result<Vec<T>, Trouble> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek().ok_or(Trouble::Unfinished)? == close {
                self.at += 1;
                return Ok(items);
            }
            items.push(item(self)?);
            self.skip_space();
            match self.peek().ok_or(Trouble::Unfinished)? {
                b',' => self.at += 1,
                byte if byte == close => {}
                _ => return Err(Trouble::Wrong),
            }
        }
    }
}
