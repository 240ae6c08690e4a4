use super::holds;

#[test]
fn hashes_are_those_of_postgresql() {
    for (text, hash) in [
        ("", "-1477818771"),
        ("a", "1075015857"),
        ("hello world", "1021725223"),
        ("twelve bytes", "652846557"),
        ("more than twelve bytes of text", "-1100041496"),
    ] {
        holds("hashtext", &[text], hash);
    }
    for (text, seed, hash) in [
        ("", "0", "-6939563903564495251"),
        ("abc", "0", "-6747756470228489321"),
        ("twelve bytes!", "-5", "-6449568180184496021"),
        ("é", "7", "3361473836424617089"),
    ] {
        holds("hashtextextended", &[text, seed], hash);
    }
}
