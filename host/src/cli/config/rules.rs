//! The list `access`: who is let in.

use pgiris::access::{Method, Rule};
use toml::de::DeArray;

use super::keys::nearest;
use super::value::{Place, Value};

/// The methods by name.
pub(super) const METHODS: &[(&str, Method)] = &[
    ("trust", Method::Trust),
    ("reject", Method::Reject),
    ("scram-sha-256", Method::ScramSha256),
    ("password", Method::Password),
    ("pass-through", Method::PassThrough),
    ("certificate", Method::Certificate),
];

/// A key of a rule.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    read: fn(&mut Rule, Value<'_>) -> Result<(), String>,
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "addresses",
        about: "Networks in CIDR notation, or single addresses, that clients come from. Left out: any.",
        read: |rule, value| {
            let addresses = value.list()?;
            let networks = addresses.iter().map(|address| {
                let network = address
                    .parse()
                    .or_else(|_| address.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
                network.map_err(|_: std::net::AddrParseError| {
                    format!("\"{address}\" is no network as \"10.0.0.0/8\" and no address")
                })
            });
            rule.addresses = networks.collect::<Result<_, _>>()?;
            Ok(())
        },
    },
    Key {
        name: "users",
        about: "Names of users. Left out: any.",
        read: |rule, value| value.list().map(|users| rule.users = users),
    },
    Key {
        name: "databases",
        about: "Names of databases, which are IRIS namespaces. Left out: any.",
        read: |rule, value| value.list().map(|databases| rule.databases = databases),
    },
    Key {
        name: "encrypted",
        about: "`true`: only connections over TLS; `false`: only those without. Left out: both.",
        read: |rule, value| {
            value
                .switch()
                .map(|encrypted| rule.encrypted = Some(encrypted))
        },
    },
    Key {
        name: "method",
        about: "What these clients have to prove; every rule has one.",
        read: |rule, value| value.word(METHODS).map(|method| rule.method = method),
    },
];

/// Reads the list. What is wrong inside rules goes to `wrong`, with its line.
pub(super) fn read(
    entries: &DeArray<'_>,
    place: Place<'_>,
    wrong: &mut Vec<String>,
) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    for entry in entries {
        let table = entry
            .get_ref()
            .as_table()
            .ok_or("expected tables, each written [[access]]")?;
        let mut rule = Rule {
            addresses: Vec::new(),
            users: Vec::new(),
            databases: Vec::new(),
            encrypted: None,
            // Nobody is let in by a rule with a mistake.
            method: Method::Reject,
        };
        for (name, value) in table {
            let line = place.line(name.span().start);
            let name = name.get_ref();
            let value = Value::new(value.get_ref(), place);
            match KEYS.iter().find(|key| key.name == name) {
                Some(key) => {
                    if let Err(why) = (key.read)(&mut rule, value) {
                        wrong.push(format!("{line}: `access.{name}`: {why}"));
                    }
                }
                None => {
                    let names = KEYS.iter().map(|key| key.name);
                    wrong.push(format!(
                        "{line}: unknown key `access.{name}`{}",
                        nearest(name, names)
                    ));
                }
            }
        }
        if !table.contains_key("method") {
            let line = place.line(entry.span().start);
            wrong.push(format!("{line}: this access rule has no `method`"));
        }
        rules.push(rule);
    }
    Ok(rules)
}
