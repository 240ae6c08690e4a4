//! What a rule is, and what it may know and say while it works.

use sqlparser::ast::Statement as Tree;

use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::part::{Part, PartId, Times};
use crate::reader::marks::Marks;
use crate::reader::statement::Source;
use crate::relations::Relations;
use crate::rules::COLLATION_SETTING;
use crate::types::{kept, oid};
use crate::version::Version;
use crate::wit::{
    ColumnChange, ColumnRule, Context, Diagnostic, Instruction, Oid, Origin, Plan, Requirement,
    Step, TemporaryChange,
};

/// One PostgreSQL construct, removed.
///
/// A rule either takes a whole statement over by its words (`claim`), or changes
/// its tree (`rewrite`). Both are functions of their arguments alone.
pub(crate) trait Rule: Sync {
    /// The file's stem.
    fn name(&self) -> &'static str;

    /// One sentence for the list of rules.
    fn summary(&self) -> &'static str;

    /// Takes the statement over.
    fn claim(&self, _source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        Ok(None)
    }

    /// Whether the tree may contain what the rule removes.
    fn concerns(&self, _marks: Marks) -> bool {
        false
    }

    /// Whether it must know the tables that a definition names; those of what reads or writes
    /// rows are always known.
    fn needs_relations(&self, _tree: &Tree) -> bool {
        false
    }

    /// Whether it only notes what the tree says of parameters and columns: the statement
    /// may then be passed on as the client wrote it.
    fn only_notes(&self) -> bool {
        false
    }

    /// Changes the tree; tells whether it did.
    fn rewrite(&self, _tree: &mut Tree, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        Ok(false)
    }
}

/// A statement taken over.
pub(crate) struct Claim {
    pub(crate) plan: Plan,
    pub(crate) notices: Vec<Diagnostic>,
}

impl From<Plan> for Claim {
    fn from(plan: Plan) -> Self {
        Self {
            plan,
            notices: Vec::new(),
        }
    }
}

/// The facts a rule may depend on.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) version: &'a dyn Version,
    pub(crate) context: &'a Context,
    /// The tables that were looked up.
    pub(crate) relations: &'a Relations,
    /// How many characters of the client's text precede the one at hand.
    pub(crate) offset: u32,
}

impl Scene<'_> {
    /// The value of a setting that the manifest lists.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.context
            .settings
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether strings are to be compared as IRIS does it.
    pub(crate) fn keeps_collation(&self) -> bool {
        self.setting(COLLATION_SETTING) == Some("iris")
    }

    /// Whether a setting is switched on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.setting(name).is_some_and(|value| {
            ["on", "true", "yes", "1"]
                .iter()
                .any(|on| value.eq_ignore_ascii_case(on))
        })
    }
}

/// What the broker may do for a statement: more, each time that the rules have refused it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Means {
    /// What single rules leave to it.
    Rules,
    /// It also binds what it computes of constants and parameters.
    Bound,
    /// It also makes the result of the rows.
    Arranged,
}

/// What the rules say of one statement besides its tree.
pub(crate) struct Pass<'a> {
    pub(crate) scene: Scene<'a>,
    /// The client's text.
    pub(crate) text: &'a str,
    /// The statement alone, a part of it.
    pub(crate) statement: &'a str,
    /// Types of the client's parameters, from the first.
    pub(crate) parameters: Vec<Oid>,
    /// Labels and types of the result columns.
    pub(crate) columns: Vec<ColumnRule>,
    /// What the broker computes of items of the select list, or of RETURNING, by number.
    pub(crate) computed: Vec<(usize, ColumnChange)>,
    /// What the broker computes for arguments of statements, by number.
    pub(crate) arguments: Vec<Vec<Instruction>>,
    /// Of each result column the column of a table that it shows; empty if they cannot be counted.
    pub(crate) origins: Vec<Option<Origin>>,
    /// Of each result column the enum type whose values it shows; empty as the origins are.
    pub(crate) enums: Vec<Option<Oid>>,
    /// Parameters that are labels of enums, or arrays of them, and these types.
    pub(crate) enum_parameters: Vec<(u32, Oid)>,
    pub(crate) notices: Vec<Diagnostic>,
    /// What a rule has written that those behind it look for, and was not there before.
    pub(crate) brought: Marks,
    /// Parameters that must not be NULL.
    pub(crate) required: Vec<Requirement>,
    /// Whether the statement writes, although its words do not say so.
    pub(crate) writes: bool,
    /// What the statement does to the session's temporary tables.
    pub(crate) temporary: Vec<TemporaryChange>,
    /// The tables that were looked up; without a rule that needs them none.
    pub(crate) relations: &'a Relations,
    /// What may still be written twice.
    pub(crate) copies: Copies,
    /// What follows the tree in the statement, in IRIS's words.
    pub(crate) suffix: String,
    /// What is carried out behind the statement.
    pub(crate) afterwards: Vec<Step>,
    /// A plan in place of the tree.
    pub(crate) plan: Option<Plan>,
    /// Several statements in place of the tree; the rules that follow work on each.
    pub(crate) split: Option<Vec<Part>>,
    /// How often the part runs that a rule works on; its split must say the same.
    pub(crate) times: Times,
    /// What the broker may do for the statement.
    pub(crate) means: Means,
    /// Whether the rows of the part that a rule works on are the client's.
    pub(crate) shown: bool,
    /// Whether IRIS takes bound values in what is being written: not in a definition.
    pub(crate) binds: bool,
    /// Whether a rule has split the statement.
    pub(crate) is_split: bool,
    next_slot: u32,
    next_part: PartId,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(scene: Scene<'a>, text: &'a str, parameters: Vec<Oid>) -> Self {
        Self {
            scene,
            text,
            statement: text,
            parameters,
            columns: Vec::new(),
            computed: Vec::new(),
            arguments: Vec::new(),
            origins: Vec::new(),
            enums: Vec::new(),
            enum_parameters: Vec::new(),
            notices: Vec::new(),
            brought: Marks::NOTHING,
            required: Vec::new(),
            temporary: Vec::new(),
            writes: false,
            relations: scene.relations,
            copies: Copies::new(),
            suffix: String::new(),
            afterwards: Vec::new(),
            plan: None,
            split: None,
            times: Times::Once,
            means: Means::Rules,
            shown: true,
            binds: false,
            is_split: false,
            next_slot: 0,
            next_part: 0,
        }
    }

    /// A slot for kept rows that no other part uses.
    pub(crate) fn slot(&mut self) -> u32 {
        self.next_slot += 1;
        self.next_slot - 1
    }

    /// A name for a part that others refer to.
    pub(crate) fn part_id(&mut self) -> PartId {
        self.next_part += 1;
        self.next_part
    }

    /// Notes types of parameters, by number.
    pub(crate) fn parameter_types(&mut self, found: Vec<(u32, Oid)>) {
        for (number, oid) in found {
            self.parameter_type(number, oid);
        }
    }

    /// The types of the client's parameters as it is told of them: what is text to IRIS may be an
    /// enum.
    pub(crate) fn told_parameters(&self) -> Vec<Oid> {
        let mut told = self.parameters.clone();
        for (number, enum_type) in &self.enum_parameters {
            let index = (*number as usize).wrapping_sub(1);
            if let Some(slot) = told.get_mut(index)
                && (matches!(*slot, 0 | oid::TEXT | oid::VARCHAR)
                    || kept::element_of(*slot) == Some(oid::TEXT))
            {
                *slot = *enum_type;
            }
        }
        told
    }

    /// Notes the type of `$number`; the first one stands, as in PostgreSQL.
    pub(crate) fn parameter_type(&mut self, number: u32, oid: Oid) {
        let slot = (number as usize)
            .checked_sub(1)
            .and_then(|index| self.parameters.get_mut(index));
        if let Some(slot @ 0) = slot {
            *slot = oid;
        }
    }
}
