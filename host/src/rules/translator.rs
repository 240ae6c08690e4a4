//! Translation alone, for programs that do their own networking.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::{Facts, Known, Query};
use super::columns::{apply_column_rules, postgres_types};
use super::inquiry::{Endless, Inquiry};
use super::wit::{self, IrisVersion};
use super::wit_plan::{ColumnRule, MetadataQuery};
use super::{Engine, Generation, Library, Plan, Translation};
use crate::config::RulesLimits;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::upstream::{Oid, UpstreamColumn, UpstreamError};

/// Texts of clients in, plans out. It does no input and output and needs no runtime: calls block for as long as a
/// translation takes, some hundred microseconds for a usual text that is not known yet.
///
/// ```no_run
/// use pgiris::rules::{Client, Plan, Translator, Turn};
///
/// let translator = Translator::open("rules".as_ref())?;
/// let client = Client::new("_SYSTEM", "USER");
/// for turn in translator.query(&client, "SELECT name FROM city WHERE id = 7 LIMIT 3")? {
///     // The rules may want to know something of the tables: queries on IRIS, whose rows they are told.
///     let translation = match turn {
///         Turn::Ready(translation) => translation,
///         Turn::Asks(question) => question.answer_with(|query| fetch(&query.text))?,
///     };
///     match &translation.plan {
///         Plan::Forward(forward) => println!("{}", forward.statement.with_question_marks()),
///         Plan::Refuse(refusal) => println!("{}: {}", refusal.sqlstate, refusal.message),
///         other => println!("a plan of the kind {}", other.name()),
///     }
/// }
/// # use pgiris::rules::Rows;
/// # fn fetch(text: &str) -> Rows { Rows::default() }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Translator {
    library: Arc<Library>,
    iris: Option<IrisVersion>,
    /// Of the edition that was asked last.
    chosen: Mutex<Option<(u64, Arc<Generation>)>>,
}

/// Whose statements are translated.
#[derive(Clone, Debug)]
pub struct Client {
    user: String,
    database: String,
    settings: Vec<(String, String)>,
}

/// Whose turn it is.
#[derive(Debug)]
pub enum Turn {
    /// The statement is translated.
    Ready(Arc<Translation>),
    /// The rules want to know something of its tables first.
    Asks(Box<Question>),
}

/// What the rules want to know of a statement's tables.
#[derive(Debug)]
pub struct Question {
    generation: Arc<Generation>,
    facts: Facts,
    protocol: wit::Protocol,
    parameter_types: Vec<Oid>,
    inquiry: Inquiry,
}

/// The rows of a query about tables, in text form; `None` is NULL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The labels of the columns.
    pub columns: Vec<String>,
    /// As many values each as there are columns.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A result column as a client is to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownColumn {
    /// What it is called.
    pub label: String,
    /// Its type.
    pub type_oid: Oid,
    /// As in `pg_attribute.atttypmod`; -1 if the type has none.
    pub type_modifier: i32,
    /// The column of a table that it shows: the table's OID and the column's number.
    pub origin: Option<(Oid, i16)>,
    /// Whether the plan has instructions by which its values are made of the server's; whoever does not carry them out
    /// must not show the column.
    pub is_computed: bool,
}

impl Translator {
    /// By the rules of a library, whichever it has published when it is asked.
    pub fn new(library: Arc<Library>) -> Self {
        Self {
            library,
            iris: None,
            chosen: Mutex::default(),
        }
    }

    /// By a file of rules, or those of a directory, under the limits that there are by default. Components are
    /// compiled each time; [`Translator::new`] takes a library whose engine has a cache.
    ///
    /// # Errors
    /// As of [`Library::open`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let engine = Engine::new(RulesLimits::default())?;
        Ok(Self::new(Arc::new(Library::open(&engine, path)?)))
    }

    /// For the IRIS version that a server has told; else the statements are for the newest that there are rules for.
    #[must_use]
    pub fn for_iris(self, version: IrisVersion) -> Self {
        Self {
            iris: Some(version),
            chosen: Mutex::default(),
            ..self
        }
    }

    /// The IRIS query whose one value tells the version of a server.
    pub fn version_query(&self) -> String {
        let generation = self.generation();
        generation.manifest().housekeeping.version_query.clone()
    }

    /// The version in the answer to [`Translator::version_query`].
    pub fn read_version(&self, answer: &str) -> Option<IrisVersion> {
        self.generation().server_version(answer)
    }

    /// The component that translates now. Its manifest has the statements that begin and end transactions.
    pub fn generation(&self) -> Arc<Generation> {
        let edition = self.library.edition();
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        match &*chosen {
            Some((of, generation)) if *of == edition => Arc::clone(generation),
            _ => {
                let generation = self.library.choose(self.iris);
                *chosen = Some((edition, Arc::clone(&generation)));
                generation
            }
        }
    }

    /// The statements of a Query message, in order; a text without any is one, of the plan [`Plan::Empty`].
    ///
    /// # Errors
    /// What the client is to be told: the text cannot be read, or the rules failed on it.
    pub fn query(&self, client: &Client, text: &str) -> Result<Vec<Turn>, Diagnostic> {
        self.turns(client, text, wit::Protocol::Simple, &[])
    }

    /// The statement of a Parse message, with the types that it declares; 0: not specified.
    ///
    /// # Errors
    /// As of [`Translator::query`], or there is more than one statement.
    pub fn parse(
        &self,
        client: &Client,
        text: &str,
        parameter_types: &[Oid],
    ) -> Result<Turn, Diagnostic> {
        let turns = self.turns(client, text, wit::Protocol::Extended, parameter_types)?;
        match <[Turn; 1]>::try_from(turns) {
            Ok([turn]) => Ok(turn),
            Err(_) => Err(Diagnostic::several_statements()),
        }
    }

    fn turns(
        &self,
        client: &Client,
        text: &str,
        protocol: wit::Protocol,
        parameter_types: &[Oid],
    ) -> Result<Vec<Turn>, Diagnostic> {
        let generation = self.generation();
        let facts = client.facts(&generation, self.iris);
        let translations = generation.translate_here(Query {
            text,
            protocol,
            parameter_types,
            facts: &facts,
            schema: Known::default(),
        })?;
        let turn = |translation: &Arc<Translation>| match &translation.plan {
            Plan::Lookup(lookup) => Turn::Asks(Box::new(Question {
                generation: Arc::clone(&generation),
                facts: facts.clone(),
                protocol,
                parameter_types: parameter_types.to_vec(),
                inquiry: Inquiry::new(lookup.clone()),
            })),
            _ => Turn::Ready(Arc::clone(translation)),
        };
        Ok(translations.iter().map(turn).collect())
    }

    /// The result columns of a statement as a client is to see them: `described` by the server, changed as the plan says.
    ///
    /// # Errors
    /// The rules failed.
    pub fn columns(
        &self,
        rules: &[ColumnRule],
        described: Vec<UpstreamColumn>,
    ) -> Result<Vec<ShownColumn>, Diagnostic> {
        let (_, columns) = postgres_types(&self.generation(), &[], Some(described))?;
        let mut columns = columns.unwrap_or_default();
        apply_column_rules(&mut columns, rules);
        let shown = columns.into_iter().map(|column| ShownColumn {
            label: column.label,
            type_oid: column.type_oid,
            type_modifier: column.type_modifier,
            origin: column
                .origin
                .map(|origin| (origin.table_oid, origin.number)),
            is_computed: column.computed.is_some(),
        });
        Ok(shown.collect())
    }

    /// What a client is to be told of an error of the server. `text`: all that the client had sent, and which of its
    /// statements failed, from 0; by it the error names objects and places as the client does.
    pub fn error(&self, error: &UpstreamError, text: Option<(&str, u32)>) -> Diagnostic {
        let statement = text.map(|(text, number)| wit::FailedStatement {
            text: text.to_owned(),
            number,
        });
        self.generation().map_error(&wit::UpstreamError {
            sqlcode: error.sqlcode,
            sqlstate: error.sqlstate.clone(),
            message: error.message.clone(),
            statement,
        })
    }
}

impl Client {
    /// A user of a database (in IRIS: a namespace), with settings as by default.
    pub fn new(user: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            database: database.into(),
            settings: Vec::new(),
        }
    }

    /// Gives a setting of the session another value, as `SHOW` prints it. The rules are told of those that their manifest
    /// lists.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.into()));
    }

    fn facts(&self, generation: &Generation, iris: Option<IrisVersion>) -> Facts {
        let manifest = generation.manifest();
        let settings = self.settings.iter();
        Facts::new(wit::Context {
            iris: iris.unwrap_or(manifest.serves_from),
            user: self.user.clone(),
            database: self.database.clone(),
            settings: settings
                .filter(|(name, _)| manifest.settings.contains(name))
                .cloned()
                .collect(),
        })
    }
}

impl Question {
    /// IRIS queries without parameters. One that is `optional` may be refused: then it has no rows.
    pub fn queries(&self) -> &[MetadataQuery] {
        self.inquiry.queries()
    }

    /// Whether the statement makes a temporary table, for which the session needs a schema of its own: the setting
    /// `pgiris.temporary_tables` names it before the statement is asked for again.
    pub fn makes_temporary(&self) -> bool {
        self.inquiry.lookup.temporary
    }

    /// Tells the rules the rows of each query, in order. What is missing at the end has none.
    ///
    /// # Errors
    /// The rules failed, or go on asking.
    pub fn answer(mut self, answers: Vec<Rows>) -> Result<Turn, Diagnostic> {
        let mut answers = answers.into_iter();
        let told = self.inquiry.queries().to_vec();
        for query in told {
            let Rows { columns, rows } = answers.next().unwrap_or_default();
            self.inquiry.tell(Arc::new(wit::MetadataRows {
                name: query.name,
                columns,
                rows,
            }));
        }
        let lookup = &self.inquiry.lookup;
        let query = Query {
            text: &lookup.text,
            protocol: self.protocol,
            parameter_types: &self.parameter_types,
            facts: &self.facts,
            schema: Known {
                offset: lookup.offset,
                metadata: self.inquiry.told(),
                ..Known::default()
            },
        };
        let request = query.request(wit::Tracing::None);
        let answer = self.generation.translate_uncached(&request)?;
        let [answer] = <[Translation; 1]>::try_from(answer)
            .map_err(|_| self.generation.broke("one statement became several"))?;
        match self.inquiry.heed(&Arc::new(answer)) {
            Ok(Some(translation)) => Ok(Turn::Ready(translation)),
            Ok(None) => Ok(Turn::Asks(Box::new(self))),
            Err(Endless) => Err(self
                .generation
                .broke("the rules go on asking about the schema")),
        }
    }

    /// As [`Question::answer`], for as long as the rules ask, where rows are at hand or can be waited for.
    ///
    /// # Errors
    /// As there.
    pub fn answer_with(
        self,
        mut fetch: impl FnMut(&MetadataQuery) -> Rows,
    ) -> Result<Arc<Translation>, Diagnostic> {
        let mut question = self;
        loop {
            let answers = question.queries().iter().map(&mut fetch).collect();
            match question.answer(answers)? {
                Turn::Ready(translation) => return Ok(translation),
                Turn::Asks(next) => question = *next,
            }
        }
    }
}
