use super::{fails, holds};

#[test]
fn bytes_and_their_texts() {
    holds(
        "binary_encode",
        &["\\x00ff5c41", "escape"],
        "\\000\\377\\\\A",
    );
    holds("binary_encode", &["\\x00ff", "HEX"], "00ff");
    holds("binary_encode", &["\\x616263", "base64"], "YWJj");
    let whole = format!("\\x{}", "61".repeat(57));
    let line = format!("{}\n", "YWFh".repeat(19));
    holds("binary_encode", &[&whole, "base64"], &line);
    fails("binary_encode", &["\\x61", "x"], "22023");
    holds("binary_decode", &["YW Jj\n", "base64"], "\\x616263");
    holds("binary_decode", &["YWI=", "base64"], "\\x6162");
    holds("binary_decode", &["YQ==", "base64"], "\\x61");
    holds("binary_decode", &["YW=J", "base64"], "\\x61");
    for text in ["YWJ", "Y", "=YWJj", "YW\\"] {
        fails("binary_decode", &[text, "base64"], "22023");
    }
    fails("binary_decode", &["0g", "hex"], "22023");
    fails("binary_decode", &["0", "hex"], "22023");
    holds("binary_decode", &["\\000a\\\\b", "escape"], "\\x00615c62");
    fails("binary_decode", &["\\x", "escape"], "22P02");
    holds("byteaoctetlen", &["\\x00ff"], "2");
    holds(
        "sha224_bytea",
        &["\\x00"],
        "\\xfff9292b4201617bdc4d3053fce02734166a683d7d858a7f5f59b073",
    );
    holds(
        "sha256_bytea",
        &["\\x00"],
        "\\x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
}
