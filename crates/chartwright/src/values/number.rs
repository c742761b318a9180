//! Numbers the way Go reads and writes them, because Helm is written in Go.

use serde_json::{Number, Value};

/// What Helm holds after reading a number from a file: a 64-bit float, always.
///
/// Whole floats become JSON integers, so that `replicas: 3` can be read into an `i32`; larger
/// whole numbers keep what the float kept of them (9007199254740993 becomes …992).
/// `None` for infinities and NaN, which JSON cannot say and Helm refuses.
pub(super) fn from_float(float: f64) -> Option<Value> {
    // 2^63 and 2^64 are floats themselves, so these bounds are exact.
    const I64_END: f64 = 9_223_372_036_854_775_808.0;
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    let whole = float.fract() == 0.0 && !(float == 0.0 && float.is_sign_negative());
    if whole && (-I64_END..I64_END).contains(&float) {
        Some(Value::from(float as i64))
    } else if whole && (0.0..U64_END).contains(&float) {
        Some(Value::from(float as u64))
    } else {
        Number::from_f64(float).map(Value::Number)
    }
}

/// A JSON value whose numbers all went through a float, as Helm's JSON reader leaves them.
pub(super) fn through_floats(value: Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().and_then(from_float).unwrap_or(Value::Number(n)),
        Value::Array(items) => items.into_iter().map(through_floats).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, through_floats(v))).collect(),
        other => other,
    }
}

/// An integer as Go's `ParseInt` and `ParseUint` with base 0 read it: `0x`, `0o`, `0b` and a bare
/// leading zero name the base. Underscores are already gone.
pub(super) fn parse_integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // `from_str_radix` would take a second sign.
    if !digits.starts_with(|c: char| c.is_digit(base)) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, base).ok()?);
    let number = if negative { -size } else { size };
    // A sign makes it an int64 for Go; without one it may be as large as a uint64.
    let signed = text.starts_with(['-', '+']);
    (!signed || i64::try_from(number).is_ok()).then_some(number)
}

/// A float as YAML writes it (`1.`, `.5`, `1e3`), with nothing else that Rust or Go would also take.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    let fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    // A number too large for a float is no number for Go, where Rust says infinity.
    (fits && exponent_fits)
        .then(|| text.parse().ok())
        .flatten()
        .filter(|f: &f64| f.is_finite())
}

/// A float that is a map key: Helm writes it in Go's `%g` of a 32-bit float.
pub(super) fn float_key(float: f64) -> String {
    let single = float as f32;
    if single.is_nan() {
        return ".nan".into();
    }
    if single.is_infinite() {
        return if single > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    // Rust's `e` form has the shortest digits too; Go turns to it outside of 1e-4 to 1e6.
    let scientific = format!("{single:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if single == 0.0 || (-4..6).contains(&exponent) {
        format!("{single}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}
