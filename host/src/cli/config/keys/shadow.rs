//! The keys of a candidate for the rules.

use super::Key;
use super::forms::path;

pub(super) const KEYS: &[Key] = &[
    key!(
        "shadow.rules",
        "path",
        true,
        candidate,
        path,
        path,
        "A candidate for the rules, a file or a directory: it translates a share of the statements beside those in use, and what it \
         does differently is counted ([operating.md](operating.md#trying-a-candidate)). Left out: there is none."
    ),
    Key {
        name: "shadow.share",
        form: "number from 0 to 1",
        about: "Of how many messages with statements the candidate translates the texts, too.",
        reloads: true,
        read: |settings, value| {
            settings.shadow.share = value.share()?;
            Ok(())
        },
        show: |settings| Some(settings.shadow.share.to_string()),
    },
    Key {
        name: "shadow.texts",
        form: "`true` or `false`",
        about: "Keep and show the texts in which the candidate differs, with the literals that stand in them. Without, kinds of plans alone.",
        reloads: true,
        read: |settings, value| {
            settings.shadow.texts = value.switch()?;
            Ok(())
        },
        show: |settings| Some(settings.shadow.texts.to_string()),
    },
    count!(
        "shadow.samples",
        shadow.samples,
        "Texts that are remembered in which it differs; those that came last."
    ),
    count!(
        "shadow.queue",
        shadow.queue,
        "Messages that may wait for it; further ones it does not get, and they are counted."
    ),
];
