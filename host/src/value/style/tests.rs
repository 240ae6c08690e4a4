use jiff::tz::TimeZone;

use super::*;

fn style(settings: &[(&str, &'static str)]) -> Style {
    Style::of(|name| {
        let found = settings.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    })
}

fn written(settings: &[(&str, &'static str)], type_oid: Oid, text: &str) -> String {
    let mut out = String::new();
    style(settings).write(type_oid, text, &mut out);
    out
}

#[test]
fn the_defaults_touch_nothing() {
    let style = style(&[]);
    for type_oid in [17, 700, 701, 1082, 1114, 1184, 1186] {
        assert!(!style.touches(type_oid), "{type_oid}");
    }
    assert_eq!(style.zone, TimeZone::UTC);
}

#[test]
fn what_is_no_value_of_the_type_stays() {
    let german = [("DateStyle", "German, DMY"), ("IntervalStyle", "iso_8601")];
    assert_eq!(written(&german, 1114, "infinity"), "infinity");
    assert_eq!(written(&german, 1186, "1 fortnight"), "1 fortnight");
    assert_eq!(
        written(&german, 1114, "2024-02-03 00:00:00"),
        "03.02.2024 00:00:00"
    );
}

#[test]
fn local_times_get_the_offset_of_the_zone() {
    let berlin = style(&[("TimeZone", "Europe/Berlin")]);
    for (text, located) in [
        ("2024-07-01 12:00", Some("2024-07-01 12:00:00+02")),
        ("2024-01-01", Some("2024-01-01 00:00:00+01")),
        // In the gap, and in the fold.
        ("2024-03-31 02:30:00", Some("2024-03-31 02:30:00+01")),
        ("2024-10-27 02:30:00", Some("2024-10-27 02:30:00+01")),
        ("2024-07-01 12:00:00Z", None),
        ("2024-07-01 12:00:00+00", None),
        ("soon", None),
    ] {
        assert_eq!(berlin.located(text).as_deref(), located, "{text}");
    }
    assert_eq!(style(&[]).located("2024-07-01 12:00"), None);
}

#[test]
fn zones_have_names_as_postgres_shows_them() {
    for (value, name) in [
        ("europe/berlin", Some("Europe/Berlin")),
        ("utc", Some("UTC")),
        ("-8", Some("<-08>+08")),
        ("5.5", Some("<+05:30>-05:30")),
        ("0", Some("<+00>-00")),
        ("<-08>+08", Some("<-08>+08")),
        ("Nowhere/Land", None),
        ("", None),
        ("nan", None),
        ("200", None),
    ] {
        let found = zone::find(value).map(|(name, _)| name);
        assert_eq!(found.as_deref(), name, "{value}");
    }
}
