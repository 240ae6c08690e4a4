//! `%PATTERN`: ObjectScript's pattern match, as in `1U.L1"-"3N`.

use super::{Args, Datum, Function, integer, strict};
use crate::error::{Result, SqlError};

pub(super) const FUNCTIONS: &[Function] = &[strict("iris_pattern", pattern)];

/// How deep alternatives may nest.
const DEEPEST: u32 = 20;

/// How many places one match may try: a moment's work.
const MOST_STEPS: usize = 50_000_000;

fn pattern(a: &Args<'_>) -> Result<Datum> {
    let value: Vec<char> = a.text(0).chars().collect();
    let text: Vec<char> = a.text(1).chars().collect();
    let mut reader = Reader { text: &text, at: 0 };
    let pattern = reader.sequence(0)?;
    if reader.at < text.len() || pattern.is_empty() {
        return Err(malformed());
    }
    let mut ends = vec![false; value.len() + 1];
    ends[0] = true;
    let mut matcher = Matcher {
        value: &value,
        steps: 0,
    };
    let ends = matcher.after_all(&pattern, ends)?;
    integer(i32::from(ends[value.len()]))
}

fn malformed() -> SqlError {
    SqlError::new(-400, "<SYNTAX> malformed pattern")
}

/// What is repeated.
enum Unit {
    /// Codes such as `AN`: a character of any of these classes.
    Classes(Vec<char>),
    Literal(Vec<char>),
    /// `(…,…)`
    Alternatives(Vec<Vec<Atom>>),
}

/// A unit and how often it may stand.
struct Atom {
    least: usize,
    most: usize,
    unit: Unit,
}

struct Reader<'a> {
    text: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn sequence(&mut self, depth: u32) -> Result<Vec<Atom>> {
        if depth > DEEPEST {
            return Err(malformed());
        }
        let mut atoms = Vec::new();
        while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
            let (least, most) = self.count()?;
            let unit = self.unit(depth)?;
            atoms.push(Atom { least, most, unit });
        }
        Ok(atoms)
    }

    /// `3`, `1.4`, `.4`, `2.`, `.`
    fn count(&mut self) -> Result<(usize, usize)> {
        let least = self.number();
        if self.peek() != Some('.') {
            let exactly = least.ok_or_else(malformed)?;
            return Ok((exactly, exactly));
        }
        self.at += 1;
        let most = self.number();
        Ok((least.unwrap_or(0), most.unwrap_or(usize::MAX)))
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.text[start..self.at].iter().collect();
        (!digits.is_empty()).then(|| digits.parse().unwrap_or(usize::MAX))
    }

    fn unit(&mut self, depth: u32) -> Result<Unit> {
        match self.peek() {
            Some('"') => self.literal(),
            Some('(') => self.alternatives(depth),
            Some(c) if is_class(c) => {
                let start = self.at;
                while self.peek().is_some_and(is_class) {
                    self.at += 1;
                }
                let classes = &self.text[start..self.at];
                Ok(Unit::Classes(
                    classes.iter().map(char::to_ascii_uppercase).collect(),
                ))
            }
            _ => Err(malformed()),
        }
    }

    fn literal(&mut self) -> Result<Unit> {
        let mut literal = Vec::new();
        self.at += 1;
        loop {
            let c = self.peek().ok_or_else(malformed)?;
            self.at += 1;
            if c == '"' {
                if self.peek() != Some('"') {
                    return Ok(Unit::Literal(literal));
                }
                self.at += 1;
            }
            literal.push(c);
        }
    }

    fn alternatives(&mut self, depth: u32) -> Result<Unit> {
        let mut alternatives = Vec::new();
        loop {
            self.at += 1;
            alternatives.push(self.sequence(depth + 1)?);
            match self.peek() {
                Some(',') => {}
                Some(')') => {
                    self.at += 1;
                    return Ok(Unit::Alternatives(alternatives));
                }
                _ => return Err(malformed()),
            }
        }
    }
}

fn is_class(c: char) -> bool {
    matches!(
        c.to_ascii_uppercase(),
        'A' | 'C' | 'E' | 'L' | 'N' | 'P' | 'U'
    )
}

fn in_class(c: char, class: char) -> bool {
    match class {
        'A' => c.is_alphabetic(),
        'C' => c.is_control(),
        'L' => c.is_lowercase(),
        'N' => c.is_ascii_digit(),
        'P' => !c.is_alphanumeric() && !c.is_control(),
        'U' => c.is_uppercase(),
        _ => true,
    }
}

/// Finds where patterns may end; counts its work, for nested repetitions multiply.
struct Matcher<'a> {
    value: &'a [char],
    steps: usize,
}

impl Matcher<'_> {
    /// The places where the value may go on after these atoms, from the places in `from`.
    fn after_all(&mut self, atoms: &[Atom], from: Vec<bool>) -> Result<Vec<bool>> {
        atoms
            .iter()
            .try_fold(from, |places, atom| self.after_atom(atom, places))
    }

    /// Every round moves each place once; when a round changes nothing, no later one will.
    fn after_atom(&mut self, atom: &Atom, from: Vec<bool>) -> Result<Vec<bool>> {
        let mut here = from;
        let mut reached = vec![false; here.len()];
        for round in 0.. {
            if round >= atom.least {
                join(&mut reached, &here);
            }
            if round == atom.most || !here.contains(&true) {
                break;
            }
            let next = self.after_unit(&atom.unit, &here)?;
            if next == here {
                join(&mut reached, &here);
                break;
            }
            here = next;
        }
        Ok(reached)
    }

    fn after_unit(&mut self, unit: &Unit, from: &[bool]) -> Result<Vec<bool>> {
        self.steps += from.len();
        if self.steps > MOST_STEPS {
            return Err(SqlError::new(-400, "<STORE> pattern takes too long"));
        }
        let mut to = vec![false; from.len()];
        match unit {
            Unit::Classes(classes) => {
                for (at, &c) in self.value.iter().enumerate() {
                    to[at + 1] = from[at] && classes.iter().any(|&class| in_class(c, class));
                }
            }
            Unit::Literal(literal) => {
                for (at, _) in from.iter().enumerate().filter(|(_, place)| **place) {
                    if self.value[at..].starts_with(literal) {
                        to[at + literal.len()] = true;
                    }
                }
            }
            Unit::Alternatives(alternatives) => {
                for alternative in alternatives {
                    let places = self.after_all(alternative, from.to_vec())?;
                    join(&mut to, &places);
                }
            }
        }
        Ok(to)
    }
}

fn join(places: &mut [bool], more: &[bool]) {
    for (place, other) in places.iter_mut().zip(more) {
        *place |= *other;
    }
}
