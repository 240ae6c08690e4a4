use super::*;

fn set(settings: &mut Settings, value: &str, scope: SettingScope) {
    settings
        .set("application_name", Some(value), scope)
        .expect("a text setting takes any text");
}

fn name(settings: &Settings) -> &str {
    settings.get("application_name").expect("it exists")
}

#[test]
fn a_local_value_ends_with_its_transaction() {
    let mut settings = Settings::default();
    set(&mut settings, "a", SettingScope::Session);
    settings.follow(SettingsEffect::Begin);
    set(&mut settings, "b", SettingScope::Transaction);
    assert_eq!(name(&settings), "b");
    settings.follow(SettingsEffect::Commit);
    assert_eq!(name(&settings), "a");
}

#[test]
fn rolling_back_undoes_what_was_set() {
    let mut settings = Settings::default();
    set(&mut settings, "a", SettingScope::Session);
    settings.follow(SettingsEffect::Begin);
    set(&mut settings, "b", SettingScope::Session);
    settings.follow(SettingsEffect::Savepoint);
    set(&mut settings, "c", SettingScope::Session);
    settings.follow(SettingsEffect::RollbackTo(0));
    assert_eq!(name(&settings), "b");
    set(&mut settings, "d", SettingScope::Session);
    settings.follow(SettingsEffect::RollbackTo(0));
    assert_eq!(name(&settings), "b");
    settings.follow(SettingsEffect::Rollback);
    assert_eq!(name(&settings), "a");
}

#[test]
fn names_fold_and_values_are_checked() {
    let mut settings = Settings::default();
    settings
        .set("DATESTYLE", Some("iso, dmy"), SettingScope::Session)
        .unwrap();
    assert_eq!(settings.get("datestyle"), Some("ISO, DMY"));
    let refused = |name: &str, value: &str| {
        Settings::default()
            .set(name, Some(value), SettingScope::Session)
            .unwrap_err()
            .sqlstate
            .into_owned()
    };
    assert_eq!(refused("datestyle", "swiss"), "22023");
    assert_eq!(refused("timezone", "nowhere"), "22023");
    assert_eq!(refused("row_security", "maybe"), "22023");
    assert_eq!(refused("server_version", "9"), "55P02");
    assert_eq!(refused("no_such_setting", "1"), "42704");
    settings
        .set("client_encoding", Some("'utf-8'"), SettingScope::Session)
        .unwrap();
    assert_eq!(settings.get("client_encoding"), Some("UTF8"));
    assert_eq!(refused("client_encoding", "klingon"), "22023");
    assert_eq!(refused("client_encoding", "big5"), "0A000");
    assert_eq!(settings.get("a.b"), None);
    settings
        .set("A.b", Some("x"), SettingScope::Session)
        .unwrap();
    assert_eq!(settings.get("a.B"), Some("x"));
}

#[test]
fn reset_goes_back_to_what_the_client_started_with() {
    let mut settings = Settings::default();
    settings.start_with("application_name", "psql").unwrap();
    set(&mut settings, "other", SettingScope::Session);
    settings.reset("application_name").unwrap();
    assert_eq!(name(&settings), "psql");
}

#[test]
fn durations_are_shown_in_their_largest_unit() {
    let mut settings = Settings::default();
    for (written, shown) in [
        ("5000", "5s"),
        ("5s", "5s"),
        ("90s", "90s"),
        ("2min", "2min"),
        ("1h", "1h"),
        ("1500 ms", "1500ms"),
        ("0", "0"),
    ] {
        let set = settings.set("statement_timeout", Some(written), SettingScope::Session);
        assert!(set.is_ok(), "{written}");
        assert_eq!(settings.get("statement_timeout"), Some(shown));
    }
    for wrong in ["-1", "x", "5 parsecs"] {
        let set = settings.set("statement_timeout", Some(wrong), SettingScope::Session);
        assert!(set.is_err(), "{wrong}");
    }
}
