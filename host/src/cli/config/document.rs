//! The page that documents every key, written from the table that reads them.

use std::fmt::Write;

use super::keys::{Key, keys};
use super::{Settings, databases, rules};

/// What stands above the tables.
const HEAD: &str = "\
# Configuration

`pgiris serve --config pgiris.toml` reads one file in TOML. An unknown key is an error, as is a
value of another kind; `pgiris config check pgiris.toml` tells what is wrong, and where. Options
of the command line win over the file.

In every string `${NAME}` stands for the environment variable of that name, so that secrets need
not stand in the file; in `upstream` its value is percent-encoded. Relative paths begin where the
file stands. Sizes are strings with a unit (`B`, `kB`, `MB`, `GB`, `TB`, each 1,024 of the one
before), and so are times (`ms`, `s`, `min`, `h`, `d`).

The file is read again at SIGHUP, and when it or a file that it names changes. What counts without
a restart is marked with *reload*, for connections from then on; a warning names what else was
changed. A file with a mistake changes nothing.

This page is written by `UPDATE=1 cargo test -p pgiris --bin pgiris`.
";

const ACCESS: &str = "
## Access rules

`[[access]]` begins a rule; the first that fits a client decides, as in PostgreSQL's `pg_hba.conf`,
and a client that none fits is turned away. Without rules only the sandbox is served, only on a
loopback address, and everybody may enter. All of it is read again (*reload*).

```toml
[[access]]                       # the machine itself
addresses = [\"127.0.0.1\", \"::1\"]
method = \"trust\"

[[access]]                       # everybody else: encrypted, and with a password
encrypted = true
method = \"scram-sha-256\"
```

| Key | What it says |
|---|---|
";

const METHODS: &str = "
| Method | What a client has to prove |
|---|---|
| `trust` | Nothing. The rule must name its `addresses`. |
| `reject` | It is turned away. |
| `scram-sha-256` | That it knows the password in `users`, without sending it; bound to the encrypted connection where the client can (SCRAM-SHA-256-PLUS). |
| `password` | The password in `users`, as it is; over TLS only. |
| `pass-through` | The user's password at IRIS, with which the broker logs in there; over TLS only. |
| `certificate` | A certificate signed by `tls.client_ca` whose common name is the user's. |
";

const DATABASES: &str = "
## `[databases.NAME]`

What is behind a name that clients give as the database. All of it is read again (*reload*): a
client that is there keeps what it has, and a table that was not changed its connections. A name
that nothing is behind is refused with SQLSTATE 3D000, after the client has proved who it is.

```toml
[databases.sales]
upstream = \"postgres://pgiris:${SALES_PASSWORD}@iris1.example:5432/?sslrootcert=/etc/pgiris/ca.crt\"
namespace = \"SALES\"

[databases.archive]
upstream = \"postgres://pgiris:${ARCHIVE_PASSWORD}@iris2.example:5432/USER\"
rules = \"rules/iris-2023.1.wasm\"          # this component, whatever the version
pool = { mode = \"transaction\", size = 5 }
settings = { statement_timeout = \"30s\" }
```

| Key | Value | What it says |
|---|---|---|
";

const URL: &str = "
## The upstream's URL

What a `postgres://` URL leaves out of user, password and namespace is taken from each client: the
user's name, the password that the method `pass-through` was given, and the database. After `?`
come keys, separated by `&`; those about encryption are libpq's.

| Key | Value | Default | What it says |
|---|---|---|---|
| `application_name` | text | `pgiris` | What the server is told. |
| `connect_timeout` | seconds | `10` | For connecting, encrypting and logging in together. |
| `keepalives_idle` | seconds | `60` | After how long a silence the server's machine is asked whether it is there; one that does not answer for a minute is given up. |
| `sslmode` | see below | see below | Whether to encrypt, and what the server's certificate must prove. |
| `sslrootcert` | path or `system` | `system` | PEM: who may have signed the server's certificate; `system`: those whom the machine trusts, with `verify-full` only. |
| `sslcert`, `sslkey` | paths |  | PEM: the certificate that the broker shows to the server, and its key, which only its owner may read. |
| `sslnegotiation` | `postgres` or `direct` | `postgres` | `direct` begins with TLS at once; for servers that know it, as PostgreSQL does from 17. |
| `channel_binding` | `disable`, `prefer` or `require` | `prefer` | Whether a log-in by SCRAM is bound to the encrypted connection (SCRAM-SHA-256-PLUS). |

| `sslmode` | Encrypts | The certificate must |
|---|---|---|
| `disable` | never | |
| `prefer` | unless the server says that it does not | |
| `require` | always | with `sslrootcert`: as for `verify-ca` |
| `verify-ca` | always | be signed by an authority in `sslrootcert` |
| `verify-full` | always | and be for the host in the URL, by its `subjectAltName` |

Without `sslmode` a host that is this machine (`localhost`, a loopback address) is connected to as
with `prefer`, unless there is an `sslrootcert`, and any other host as with `verify-full`: a
password must not go to somebody who only says that he is the server. Where the network itself is
trusted, `sslmode=disable` says so. There is no `allow`; and `prefer` does not go on in the clear
after a handshake that failed, as libpq does. Cancel requests are encrypted as their connection is.
Files are read again when they change. Relative paths begin where the broker was started.

```toml
upstream = \"postgres://pgiris:${IRIS_PASSWORD}@iris.example:5432/USER?sslrootcert=/etc/pgiris/ca.crt\"
```
";

const SETTINGS: &str = "
## `[settings]`

With which settings sessions begin, in every database; as in `postgresql.conf`. Those of a table
`[databases.NAME]` win over them, and over both what a client asks for when it connects. Read again
(*reload*).

```toml
[settings]
statement_timeout = \"5min\"
```
";

/// The whole page, in Markdown.
pub(crate) fn document() -> String {
    let defaults = Settings::default();
    let mut page = HEAD.to_owned();
    let mut table = None;
    for key in keys() {
        let (group, _) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        if table != Some(group) {
            table = Some(group);
            page.push_str(&heading(group));
        }
        page.push_str(&row(key, &defaults));
    }
    page.push_str(SETTINGS);
    page.push_str(DATABASES);
    for key in databases::TABLE_KEYS {
        let databases::Key { name, form, about } = key;
        let _ = writeln!(page, "| `{name}` | {form} | {about} |");
    }
    page.push_str(URL);
    page.push_str(ACCESS);
    for key in rules::KEYS {
        let _ = writeln!(page, "| `{}` | {} |", key.name, key.about);
    }
    page.push_str(METHODS);
    page
}

fn heading(group: &str) -> String {
    let title = match group {
        "" => "The broker".to_owned(),
        _ => format!("`[{group}]`"),
    };
    format!("\n## {title}\n\n| Key | Value | Default | What it says |\n|---|---|---|---|\n")
}

fn row(key: &Key, defaults: &Settings) -> String {
    // How many processors there are is another matter on each machine.
    let default = match key.name {
        "translation.idle_instances" => String::new(),
        _ => (key.show)(defaults).map_or_else(String::new, |value| format!("`{value}`")),
    };
    let reload = if key.reloads() { " *reload*" } else { "" };
    format!(
        "| `{}` | {} | {default} | {}{reload} |\n",
        key.name, key.form, key.about
    )
}
