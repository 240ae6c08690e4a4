//! Faults given on the command line.

use crate::client::{Client, Seen, sqlcode};
use crate::process::Server;

#[test]
fn faults_befall_what_they_name() {
    let server = Server::start(&["--fault", "fail:-110*2@CREATE", "--fault", "drop:1@TOP 2"]);
    let mut client = Client::connect(server.port, "_SYSTEM", "USER").unwrap();
    let create = "CREATE TABLE t (a INTEGER)";
    assert_eq!(sqlcode(&client.query(create)[0]), Some(-110));
    assert_eq!(sqlcode(&client.execute(create, &[])[2]), Some(-110));
    assert_eq!(client.query(create)[0], Seen::Complete("CREATE".to_owned()));
    client.query("INSERT INTO t SELECT 1 UNION ALL SELECT 2");
    let seen = client.query("SELECT TOP 2 a FROM t");
    assert_eq!(seen[1], Seen::Row(vec![Some("1".to_owned())]));
    assert!(
        matches!(&seen[2], Seen::Error(state, _) if state == "08006"),
        "{seen:?}"
    );
    assert_eq!(client.next(), Seen::Closed);
    let mut client = Client::connect(server.port, "_SYSTEM", "USER").unwrap();
    assert_eq!(client.query("SELECT TOP 2 a FROM t").len(), 5);
}
