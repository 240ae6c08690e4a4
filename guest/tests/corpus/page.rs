//! A page of the corpus: prose and cases.

/// A Markdown page in parts.
pub(crate) struct Page {
    parts: Vec<Part>,
}

enum Part {
    /// Lines as they are.
    Prose(String),
    /// What makes the tables for the cases behind it.
    Setup(Block),
    Case(Case),
}

/// A statement and what becomes of it.
pub(crate) struct Case {
    pub(crate) input: String,
    /// Behind `sql postgres` in the fence.
    pub(crate) settings: Vec<(String, String)>,
    /// What the judge of meaning is to do with it, if not what it does with all.
    pub(crate) judge: Option<String>,
    pub(crate) results: Vec<Block>,
}

/// A fenced block: what follows the fence, and the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) info: String,
    pub(crate) body: String,
}

const FENCE: &str = "```";

impl Page {
    pub(crate) fn read(text: &str) -> Self {
        let mut parts: Vec<Part> = Vec::new();
        let mut lines = text.lines();
        let mut blank = 0;
        while let Some(line) = lines.next() {
            if line.is_empty() {
                blank += 1;
                continue;
            }
            let block = line.strip_prefix(FENCE).map(|info| {
                let body: Vec<&str> = lines.by_ref().take_while(|line| *line != FENCE).collect();
                Block {
                    info: info.to_owned(),
                    body: body.join("\n"),
                }
            });
            match (block, parts.last_mut()) {
                (Some(block), _) if block.info.starts_with("sql postgres") => {
                    prose(&mut parts, &"\n".repeat(blank));
                    let (judge, settings) = settings(&block.info);
                    parts.push(Part::Case(Case {
                        settings,
                        judge,
                        input: block.body,
                        results: Vec::new(),
                    }));
                }
                (Some(block), _) if block.info.starts_with("sql setup") => {
                    prose(&mut parts, &"\n".repeat(blank));
                    parts.push(Part::Setup(block));
                }
                (Some(block), Some(Part::Case(case))) => case.results.push(block),
                (Some(block), _) => {
                    let text = format!("{}{}", "\n".repeat(blank), fenced(&block));
                    prose(&mut parts, &text);
                }
                (None, _) => prose(&mut parts, &format!("{}{line}\n", "\n".repeat(blank))),
            }
            blank = 0;
        }
        Self { parts }
    }

    /// The cases, each group with all that was set up before it.
    pub(crate) fn scenes(&mut self) -> Vec<(String, Vec<&mut Case>)> {
        let mut scenes = vec![(String::new(), Vec::new())];
        for part in &mut self.parts {
            let last = scenes.len() - 1;
            match part {
                Part::Prose(_) => {}
                Part::Setup(block) => {
                    let before = &scenes[last].0;
                    scenes.push((format!("{before}{};\n", block.body), Vec::new()));
                }
                Part::Case(case) => scenes[last].1.push(case),
            }
        }
        scenes
    }

    /// What the PostgreSQL to compare with must have, if the first setup names something: an
    /// extension, or the language of IRIS, which it never has.
    pub(crate) fn oracle(&self) -> Option<&str> {
        let setup = self.parts.iter().find_map(|part| match part {
            Part::Setup(block) => Some(&block.info),
            _ => None,
        })?;
        setup
            .split_whitespace()
            .find_map(|word| word.strip_prefix("oracle="))
    }

    pub(crate) fn write(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Prose(prose) => text.push_str(prose),
                Part::Setup(block) => text.push_str(&fenced(block)),
                Part::Case(case) => {
                    let judge = case.judge.iter().map(|judge| format!(" {JUDGE}={judge}"));
                    let settings = case
                        .settings
                        .iter()
                        .map(|(name, value)| format!(" {name}={value}"));
                    let words: String = judge.chain(settings).collect();
                    let info = format!("sql postgres{words}");
                    let input = Block {
                        info,
                        body: case.input.clone(),
                    };
                    for block in std::iter::once(&input).chain(&case.results) {
                        text.push_str(&fenced(block));
                    }
                }
            }
        }
        text
    }
}

fn fenced(block: &Block) -> String {
    format!("{FENCE}{}\n{}\n{FENCE}\n", block.info, block.body)
}

fn prose(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Prose(prose)) => prose.push_str(text),
        _ => parts.push(Part::Prose(text.to_owned())),
    }
}

/// The word in a fence that is no setting but for the judge of meaning.
const JUDGE: &str = "judge";

/// `name=value` pairs; a value has no blanks.
fn settings(info: &str) -> (Option<String>, Vec<(String, String)>) {
    let pairs = info
        .split_whitespace()
        .skip(2)
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (judge, settings): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name == JUDGE);
    (judge.into_iter().next().map(|(_, value)| value), settings)
}

/// The lines that two texts do not share.
pub(crate) fn difference(written: &str, fresh: &str) -> String {
    let mut lines = Vec::new();
    let (mut old, mut new) = (written.lines().peekable(), fresh.lines().peekable());
    while old.peek().is_some() || new.peek().is_some() {
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => {}
            (old, new) => {
                lines.extend(old.map(|line| format!("- {line}")));
                lines.extend(new.map(|line| format!("+ {line}")));
            }
        }
    }
    lines.join("\n")
}
