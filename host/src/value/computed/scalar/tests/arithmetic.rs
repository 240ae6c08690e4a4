use super::{fails, holds};

#[test]
fn whole_numbers() {
    holds("int2pl", &["32766", "1"], "32767");
    fails("int2pl", &["32767", "1"], "22003");
    fails("int2div", &["-32768", "-1"], "22003");
    holds("int2mod", &["-32768", "-1"], "0");
    holds("int4mi", &["1", "3"], "-2");
    fails("int4mul", &["65536", "65536"], "22003");
    holds("int4div", &["-7", "2"], "-3");
    holds("int4mod", &["-7", "2"], "-1");
    fails("int4div", &["1", "0"], "22012");
    fails("int4mod", &["1", "0"], "22012");
    fails("int4um", &["-2147483648"], "22003");
    holds("int4abs", &["-5"], "5");
    holds("int8mul", &["4294967296", "2"], "8589934592");
    fails("int8pl", &["9223372036854775807", "1"], "22003");
    fails("int8div", &["-9223372036854775808", "-1"], "22003");
    holds("int8mod", &["-9223372036854775808", "-1"], "0");
    fails("int8abs", &["-9223372036854775808"], "22003");
}

#[test]
fn floats() {
    holds("float8pl", &["0.1", "0.2"], "0.30000000000000004");
    holds("float8mi", &["1", "3"], "-2");
    holds("float8um", &["0"], "-0");
    holds("float8abs", &["-0"], "0");
    holds("float8div", &["1", "Infinity"], "0");
    holds("float8div", &["NaN", "0"], "NaN");
    fails("float8mul", &["1e300", "1e300"], "22003");
    fails("float8mul", &["1e-300", "1e-300"], "22003");
    fails("float8div", &["1", "0"], "22012");
    holds("dcbrt", &["8"], "2");
}

#[test]
fn decimals() {
    holds("numeric_add", &["1.50", "1"], "2.50");
    holds("numeric_sub", &["1.50", "1.5"], "0.00");
    holds("numeric_mul", &["1.50", "2.0"], "3.000");
    holds("numeric_div", &["10.0", "4"], "2.5000000000000000");
    holds("numeric_div", &["1", "3.0"], "0.33333333333333333333");
    holds("numeric_div", &["0.00", "5"], "0.00000000000000000000");
    holds("numeric_div", &["7", "0.001"], "7000.0000000000000000");
    holds(
        "numeric_div",
        &["1.0", "100000"],
        "0.000010000000000000000000",
    );
    fails("numeric_div", &["1", "0.0"], "22012");
    fails("numeric_mod", &["1", "0.0"], "22012");
    holds("numeric_mod", &["-7.5", "2"], "-1.5");
    holds("numeric_uminus", &["0.00"], "0.00");
    holds("numeric_abs", &["-1.50"], "1.50");
    holds("numeric_ceil", &["1.2"], "2");
    holds("numeric_ceil", &["-0.5"], "0");
    holds("numeric_floor", &["-1.2"], "-2");
    holds("numeric_scale", &["8.4100"], "4");
    holds("numeric_min_scale", &["8.4100"], "2");
    holds("numeric_min_scale", &["100"], "0");
    holds("numeric_trim_scale", &["8.4100"], "8.41");
    holds("numeric_trim_scale", &["100.00"], "100");
}

#[test]
fn buckets() {
    let float = |operands: &[&str], expected| holds("width_bucket_float8", operands, expected);
    float(&["5", "10", "0", "5"], "3");
    float(&["10", "0", "10", "5"], "6");
    float(&["-1", "0", "10", "5"], "0");
    float(&["11", "10", "0", "5"], "0");
    fails("width_bucket_float8", &["NaN", "1", "2", "5"], "2201G");
    fails("width_bucket_float8", &["1", "1", "Infinity", "5"], "2201G");
    let number = |operands: &[&str], expected| holds("width_bucket_numeric", operands, expected);
    number(&["5.35", "0.024", "10.06", "5"], "3");
    number(&["0", "0", "10", "5"], "1");
    number(&["-1.0", "0", "10", "5"], "0");
    number(&["10", "10", "0", "5"], "1");
    number(&["0", "10", "0", "5"], "6");
    fails("width_bucket_numeric", &["1", "1", "1", "5"], "2201G");
    fails("width_bucket_numeric", &["1", "1", "2", "0"], "2201G");
}
