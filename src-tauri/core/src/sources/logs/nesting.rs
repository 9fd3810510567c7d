//! Refuses JSON that is nested so deeply that parsing it would run out of stack: the parser calls itself for what it
//! passes over (sonic-rs 0.5.10), once per level and without limit, and that ends the whole program.

use super::LineError;

/// Levels that are read. Agents' own forms have about ten; what tools were given and gave back is nested inside.
const DEEPEST: usize = 1_000;

/// The same JSON, if it can be parsed.
///
/// # Errors
/// [`LineError`] when it is nested too deeply.
pub(crate) fn parseable(json: &[u8]) -> Result<&[u8], LineError> {
    // Hardly any line has enough brackets to begin with, and they are found faster than levels are counted.
    let may_be_too_deep = memchr::memchr2_iter(b'[', b'{', json).nth(DEEPEST).is_some();
    if may_be_too_deep && is_deeper_than(DEEPEST, json) {
        return Err(LineError::new(format!("nested more than {DEEPEST} levels deep")));
    }
    Ok(json)
}

fn is_deeper_than(deepest: usize, json: &[u8]) -> bool {
    let (mut level, mut at) = (0_usize, 0);
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' if level == deepest => return true,
            b'[' | b'{' => level += 1,
            b']' | b'}' => level = level.saturating_sub(1),
            b'"' => at = end_of_string(json, at),
            _ => {}
        }
    }
    false
}

/// Behind the string whose first character is at `at`.
fn end_of_string(json: &[u8], mut at: usize) -> usize {
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if json[at - 1] == b'"' {
            return at;
        }
        // What is escaped ends nothing.
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
    }

    #[test]
    fn json_is_read_to_a_thousand_levels_and_no_further() {
        assert!(parseable(nested(DEEPEST).as_bytes()).is_ok());
        let error = parseable(nested(DEEPEST + 1).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "nested more than 1000 levels deep");
        assert!(parseable("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_beside_or_in_a_string_is_not_inside() {
        let beside = format!("[{}]", vec!["[]"; 5_000].join(","));
        let in_string = format!(r#"["\"{}\\"]"#, "[{".repeat(5_000));
        let without_end = format!("[\"{}\\", "[{".repeat(5_000));
        for json in [beside, in_string, without_end] {
            assert!(parseable(json.as_bytes()).is_ok());
        }
        let behind = format!(r#"["\\",{}"#, nested(DEEPEST));
        assert!(parseable(behind.as_bytes()).is_err(), "an escaped backslash does not hide the end of its string");
    }
}
