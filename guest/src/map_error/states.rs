//! SQLSTATE for SQLCODE. InterSystems Error Reference, "SQL Error Messages";
//! PostgreSQL manual, appendix A.

/// The SQLSTATE of an error; for -400, the catch-all, the text decides.
pub(super) fn of(sqlcode: i32, message: &str) -> &'static str {
    match sqlcode.unsigned_abs() {
        400 => of_fatal(message),
        0 => "XX000",
        100 => "02000",
        1..=4
        | 9..=10
        | 12..=18
        | 25
        | 26
        | 28
        | 41
        | 51
        | 60
        | 62
        | 64
        | 65
        | 75
        | 76
        | 80
        | 81..=86
        | 91
        | 116
        | 142
        | 143
        | 153
        | 326..=329
        | 386
        | 422 => "42601",
        7 => "22003",
        5 | 6 | 22 | 77 => "42P10",
        8 | 129 => "22023",
        11 | 258 | 259 | 303 | 374 | 378 | 483 => "42804",
        19 | 73 => "42803",
        20 | 382 => "42712",
        21
        | 32
        | 40
        | 67
        | 68
        | 69
        | 94
        | 95
        | 96
        | 117
        | 144
        | 154
        | 155
        | 159
        | 160
        | 164..=166
        | 178
        | 180..=194
        | 372
        | 373
        | 383
        | 385
        | 474
        | 478
        | 481 => "0A000",
        23 | 30 | 310 => "42P01",
        24 | 27 => "42702",
        29 | 31 | 316 => "42703",
        35 | 36 => "55000",
        37 | 70..=72 | 313 | 356 | 359 | 362 | 370 | 380 | 381 | 425..=431 => "42883",
        52 => "34000",
        61 | 101..=103 => "24000",
        63 => "22025",
        74 | 97 | 306 | 377 => "42701",
        78 => "25000",
        79 | 314 | 319 => "42830",
        87..=90 | 312 => "42602",
        92 => "25001",
        98 => "53300",
        99 | 112 | 417 => "42501",
        104 | 105 | 257 | 411 | 412 => "22000",
        106 | 109 => "02000",
        107 | 111 | 138 => "428C9",
        108 | 304 | 305 => "23502",
        110 | 114 => "55P03",
        115 => "25006",
        118 if message.contains("already exists") => "42710",
        118 | 151 | 152 | 315 | 333 | 360 | 363 | 364 => "42704",
        119 | 120 | 125 => "23505",
        121..=124 | 127 => "23503",
        126 | 317 | 320..=322 | 475 | 482 => "2BP01",
        130..=135 => "09000",
        136 | 137 => "44000",
        139 => "40001",
        140 => "22011",
        141 => "22P02",
        146 | 147 => "22007",
        148 => "42P02",
        161..=163 => "08003",
        201 | 324 => "42P07",
        219..=242 => "HV000",
        300 | 357 | 371 => "42809",
        301 | 302 | 375 => "3B001",
        307 | 308 => "42P16",
        311 | 361 | 365 | 366 => "42710",
        325 | 343 | 344 => "55006",
        334 => "42P09",
        340 => "3D000",
        341 | 342 => "42P04",
        358 => "42725",
        367 => "42P20",
        376 => "42846",
        401 | 405..=410 | 461 | 10050..=11002 => "08006",
        402 => "28P01",
        413 | 451..=454 => "08P01",
        416 => "01000",
        432 => "21000",
        450 | 456 => "57014",
        459 => "28000",
        473 => "3F000",
        476 => "42P06",
        500 => "54000",
        _ => "XX000",
    }
}

/// The SQLCODEs of a SQLSTATE, whatever the text says.
pub(crate) fn codes_of(sqlstate: &str) -> Vec<i32> {
    (-LAST..0)
        .filter(|code| of(*code, "") == sqlstate)
        .collect()
}

/// The last SQLCODE of those that are told apart here, but for those of connections.
const LAST: i32 = 500;

fn of_fatal(message: &str) -> &'static str {
    let says = |words: &str| message.contains(words);
    if says("<DIVIDE>") {
        "22012"
    } else if says("<MAXSTRING>") || says("<MAXNUMBER>") {
        "22003"
    } else if says("<ILLEGAL VALUE>") && (says("TO_DATE") || says("TO_TIMESTAMP")) {
        "22007"
    } else if says("<ILLEGAL VALUE>") {
        "22023"
    } else if says("<TRANSACTION LEVEL>") {
        "54000"
    } else if says("index name conflict") {
        "42P07"
    } else if says("#5480") {
        "22023"
    } else if says("<STACK>") || says("<FRAMESTACK>") {
        "54001"
    } else if says("<PROTECT>") {
        "42501"
    } else if says("does not exist") {
        "42704"
    } else {
        "XX000"
    }
}
