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

#[test]
fn settings_of_postgresql_are_kept_or_refused_as_it_does() {
    let mut settings = Settings::default();
    for (name, shown) in [
        ("max_index_keys", "32"),
        ("shared_buffers", "128MB"),
        ("track_activity_query_size", "1kB"),
        ("log_rotation_age", "1d"),
        ("autovacuum_work_mem", "-1"),
        ("max_stack_depth", "2MB"),
        ("log_file_mode", "0600"),
        ("archive_command", "(disabled)"),
    ] {
        assert_eq!(settings.get(name), Some(shown), "{name}");
    }
    for (name, value, shown) in [
        ("synchronize_seqscans", "0", "off"),
        ("logical_decoding_work_mem", "1MB", "1MB"),
        ("vacuum_cost_delay", "1.5", "1500us"),
        ("geqo_effort", "3", "3"),
        ("force_parallel_mode", "TRUE", "on"),
        ("log_parameter_max_length_on_error", "-1", "-1"),
        ("wal_sender_timeout", "90 s", "90s"),
    ] {
        settings
            .set(name, Some(value), SettingScope::Session)
            .unwrap();
        assert_eq!(settings.get(name), Some(shown), "{name}");
    }
    for (name, value, sqlstate, message) in [
        (
            "max_index_keys",
            "3",
            "55P02",
            "parameter \"max_index_keys\" cannot be changed",
        ),
        (
            "shared_buffers",
            "1GB",
            "55P02",
            "parameter \"shared_buffers\" cannot be changed without restarting the server",
        ),
        (
            "fsync",
            "off",
            "55P02",
            "parameter \"fsync\" cannot be changed now",
        ),
        (
            "log_statement",
            "all",
            "42501",
            "permission denied to set parameter \"log_statement\"",
        ),
        (
            "geqo_effort",
            "11",
            "22023",
            "11 is outside the valid range for parameter \"geqo_effort\" (1 .. 10)",
        ),
        (
            "backend_flush_after",
            "4MB",
            "22023",
            "512 8kB is outside the valid range for parameter \"backend_flush_after\" (0 .. 256)",
        ),
        (
            "transform_null_equals",
            "on",
            "22023",
            "invalid value for parameter \"transform_null_equals\": \"on\"",
        ),
    ] {
        let refused = settings.set(name, Some(value), SettingScope::Session);
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.sqlstate.as_ref(), refused.message.as_ref()),
            (sqlstate, message)
        );
    }
}
