//! Refuses what the YAML parser used here and Helm's would read differently.
//!
//! `saphyr-parser` speaks YAML 1.2; Helm's reader speaks YAML 1.1 with habits of its own. Where
//! both accept a text and mean something else by it, or only Helm refuses it, this speaks up: a
//! native rendering must never silently differ from what `helm install` would do.

use super::error::Position;

/// Where something is wrong, what it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) at: Position,
    pub(super) problem: String,
    pub(super) remedy: String,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Block,
}

/// Goes over a text alongside the parser, scalar by scalar.
pub(super) struct Guard {
    chars: Vec<char>,
    /// How many characters were looked at.
    seen: usize,
    at: Position,
    /// How many `[` and `{` are open.
    depth: usize,
    /// Whether a tab would be indentation here: nothing but blanks, or a `-`, came on this line.
    margin: bool,
}

const BOM: char = '\u{feff}';

impl Guard {
    /// Begins at the start of `text`, after a look for characters that may stand nowhere in it.
    pub(super) fn new(text: &str) -> Result<Self, Finding> {
        let mut guard = Self {
            chars: text.chars().collect(),
            seen: 0,
            at: Position { line: 1, column: 1 },
            depth: 0,
            margin: true,
        };
        let bad = |c: &char| *c == BOM || is_forbidden(*c);
        if let Some(offset) = guard.chars.iter().position(bad) {
            (0..offset).for_each(|_| _ = guard.step());
            return Err(if guard.peek() == Some(BOM) {
                guard.finding(
                    "a byte order mark, which may make Helm skip characters when it is not at the start",
                    "remove it, or write \"\\uFEFF\" in double quotes",
                )
            } else {
                guard.finding(
                    "a control character, which Helm does not allow in a values file",
                    "remove it, or write it as an escape (\"\\x1b\") in double quotes",
                )
            });
        }
        Ok(guard)
    }

    /// Looks at what stands between scalars up to the character `end`: indentation, indicators,
    /// anchors, aliases, tags and comments.
    pub(super) fn between(&mut self, end: usize) -> Result<(), Finding> {
        while self.seen < end.min(self.chars.len()) {
            self.structure()?;
        }
        Ok(())
    }

    /// Looks at a scalar that ends before the character `end`, and at the anchor and tag before it.
    pub(super) fn scalar(&mut self, style: Style, end: usize) -> Result<(), Finding> {
        let end = end.min(self.chars.len());
        let line = self.at.line;
        // What follows the `|` of a block is text, whatever it begins with.
        let is_text = style == Style::Block && self.is_after_header();
        while !is_text
            && self.seen < end
            && self
                .peek()
                .is_some_and(|c| matches!(c, '&' | '!' | '#') || c.is_ascii_whitespace())
        {
            self.structure()?;
        }
        let first = self.seen;
        while self.seen < end {
            self.scalar_character(style, self.seen == first)?;
        }
        // A block of text ends where the next line begins.
        self.margin = self.at.column == 1;
        let broken = self.chars[first..self.seen].iter().any(|c| is_unicode_break(*c));
        self.key(style, broken || self.at.line > line)
    }

    /// Looks at what follows the last scalar of a document.
    pub(super) fn finish(&mut self) -> Result<(), Finding> {
        let rest = self.chars[self.seen..].iter().skip_while(|c| c.is_ascii_whitespace());
        // Nobody looks at what comes after the end that is marked with `...`.
        if rest.take(3).eq(&['.'; 3]) {
            Ok(())
        } else {
            self.between(usize::MAX)
        }
    }

    fn structure(&mut self) -> Result<(), Finding> {
        let starts_comment = self.before().is_none_or(|c| c.is_ascii_whitespace());
        match self.chars[self.seen] {
            ' ' | '\n' | '\r' => {}
            '\t' if self.margin && self.depth == 0 => {
                return Err(self.finding("a tab in the indentation", "indent with spaces"));
            }
            '\t' => {}
            c if is_unicode_break(c) => return Err(self.unicode_break()),
            '#' if starts_comment => {
                while let Some(c) = self.peek().filter(|c| !matches!(c, '\n' | '\r')) {
                    if is_unicode_break(c) {
                        return Err(self.unicode_break());
                    }
                    self.step();
                }
                return Ok(());
            }
            '&' | '*' => {
                let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
                self.word(name, &[',', ']', '}'], "the name of an anchor that Helm cannot read")?;
            }
            '!' => {
                let verbatim = self.chars.get(self.seen + 1) == Some(&'<');
                let others = if verbatim { "!<>,_-.:/" } else { "!_-.:/();=+$~*&@?'" };
                let tag = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
                self.word(tag, &[], "a tag that Helm cannot read")?;
            }
            '[' | '{' => self.depth += 1,
            ']' | '}' => self.depth = self.depth.saturating_sub(1),
            // A block list or map may begin after these on the same line.
            '-' | '?' | ':' if self.margin => {
                self.step();
                return Ok(());
            }
            _ => {}
        }
        if !self.step().is_ascii_whitespace() {
            self.margin = false;
        }
        Ok(())
    }

    /// Goes to the last character of the word that begins here with an indicator.
    fn word(&mut self, fits: impl Fn(char) -> bool, ends: &[char], problem: &str) -> Result<(), Finding> {
        let rest = &self.chars[self.seen + 1..];
        let length = rest.iter().take_while(|c| fits(**c)).count();
        let ended = rest
            .get(length)
            .is_none_or(|c| c.is_ascii_whitespace() || ends.contains(c));
        // `!` alone is a tag; `&` alone is nothing.
        if !ended || length == 0 && self.peek() != Some('!') {
            return Err(self.finding(problem, "use letters, digits, `-` and `_`, and put a space after it"));
        }
        for _ in 0..length {
            self.step();
        }
        Ok(())
    }

    fn scalar_character(&mut self, style: Style, first: bool) -> Result<(), Finding> {
        let c = self.chars[self.seen];
        let next = self.chars.get(self.seen + 1).copied();
        let quoted = matches!(style, Style::SingleQuoted | Style::DoubleQuoted);
        let flow_plain = style == Style::Plain && self.depth > 0;
        match c {
            '\\' if style == Style::DoubleQuoted => {
                if next == Some('/') {
                    return Err(self.finding("the escape `\\/`, which Helm does not know", "write `/`"));
                }
                // What is escaped is not looked at, except for a break: `"\` may continue a line.
                if next.is_some_and(|c| !is_unicode_break(c)) {
                    self.step();
                }
            }
            '\u{2028}' | '\u{2029}' if quoted => {
                // Helm keeps these in quotes, but folds what is around them as at a line's end.
                // Not folded, nor the start of what looks like a `---` or `...` line, is only this:
                let inert = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && !matches!(c, '\\' | '-' | '.'));
                if !inert(next) || !inert(self.before()) {
                    return Err(self.unicode_break());
                }
            }
            c if is_unicode_break(c) => return Err(self.unicode_break()),
            '\t' if style == Style::Block && self.at.column == 1 => {
                return Err(self.finding("a tab in the indentation of a block of text", "indent with spaces"));
            }
            '?' if flow_plain => {
                return Err(self.finding(
                    "an unquoted `?` inside of `[…]` or `{…}`, which Helm takes for a key",
                    QUOTE,
                ));
            }
            ':' | '|' | '>' if flow_plain && first => {
                return Err(self.finding("an indicator before unquoted text inside of `[…]` or `{…}`", QUOTE));
            }
            _ => {}
        }
        self.step();
        Ok(())
    }

    /// Whether the scalar just read, if it is a key, ends where it ends for Helm.
    fn key(&self, style: Style, broken: bool) -> Result<(), Finding> {
        let rest = &self.chars[self.seen..];
        let blanks = rest
            .iter()
            .take_while(|c| c.is_ascii_whitespace() && (self.depth > 0 || !matches!(c, '\n' | '\r')))
            .count();
        if style == Style::Block || rest.get(blanks) != Some(&':') {
            return Ok(());
        }
        let tight = |c: &char| matches!(c, ',' | '[' | ']' | '{' | '}');
        if self.depth > 0 && style == Style::Plain && rest.get(blanks + 1).is_some_and(tight) {
            return Err(self.finding(
                "a `:` without a space after it, which Helm adds to the key",
                "put a space after it",
            ));
        }
        if broken || rest[..blanks].iter().any(|c| matches!(c, '\n' | '\r')) {
            return Err(self.finding(
                "a key that does not end on its line, which Helm does not allow",
                "put the key and its `:` on one line",
            ));
        }
        Ok(())
    }

    /// Whether the `|` or `>` of a block of text, with its indicators, is the last that was seen.
    fn is_after_header(&self) -> bool {
        let seen = self.chars[..self.seen].iter().rev();
        let mut header = seen.skip_while(|c| c.is_whitespace());
        let indicator = header.find(|c| !matches!(c, '-' | '+' | '0'..='9'));
        matches!(indicator, Some('|' | '>'))
    }

    fn before(&self) -> Option<char> {
        Some(self.chars[self.seen.checked_sub(1)?])
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.seen).copied()
    }

    fn step(&mut self) -> char {
        let c = self.chars[self.seen];
        self.seen += 1;
        if c == '\n' || c == '\r' && self.peek() != Some('\n') {
            self.at = Position {
                line: self.at.line + 1,
                column: 1,
            };
            self.margin = true;
        } else {
            self.at.column += 1;
        }
        c
    }

    fn finding(&self, problem: &str, remedy: &str) -> Finding {
        Finding {
            at: self.at,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    fn unicode_break(&self) -> Finding {
        self.finding(
            "an invisible character (U+0085, U+2028 or U+2029) that ends the line for Helm",
            "write \"\\N\", \"\\L\" or \"\\P\" in double quotes instead",
        )
    }
}

const QUOTE: &str = "put the text in quotes";

fn is_unicode_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}') || matches!(c, '\u{fffe}' | '\u{ffff}')
}
