//! What is safe to parse as JSON.
//!
//! The parser (sonic-rs 0.5.10) calls itself for what it passes over, once per level and without limit, so that a line of
//! some thousand brackets would end the whole program. And it takes bytes for text before it has checked that they are.

use super::LineError;

/// Levels that are read. Agents' own forms have about ten; what tools were given and gave back is nested inside.
const DEEPEST: usize = 1_000;

/// The bytes as text that can be parsed as JSON, whether it is any or not.
///
/// # Errors
/// [`LineError`] when they are no UTF-8, or nested too deeply.
pub fn json(bytes: &[u8]) -> Result<&str, LineError> {
    let text = simdutf8::compat::from_utf8(bytes)
        .map_err(|cause| LineError::new(format!("it is no UTF-8, at byte {}", cause.valid_up_to())))?;
    // Hardly any line has enough brackets to begin with, and they are counted faster than levels.
    if opening_brackets(bytes) > DEEPEST && is_deeper_than(DEEPEST, bytes) {
        return Err(LineError::new(format!("nested more than {DEEPEST} levels deep")));
    }
    Ok(text)
}

/// In runs whose count fits into a byte, so that many bytes are compared at once.
fn opening_brackets(bytes: &[u8]) -> usize {
    let count = |run: &[u8]| run.iter().map(|byte| u8::from(*byte | 0x20 == b'{')).sum::<u8>();
    bytes.chunks(usize::from(u8::MAX)).map(|run| usize::from(count(run))).sum()
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
        assert!(json(nested(DEEPEST).as_bytes()).is_ok());
        let error = json(nested(DEEPEST + 1).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "nested more than 1000 levels deep");
        assert!(json("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(json(b"{\"a\":\"\xff\"}").unwrap_err().to_string(), "it is no UTF-8, at byte 6");
    }

    #[test]
    fn what_is_beside_or_in_a_string_is_not_inside() {
        let beside = format!("[{}]", vec!["[]"; 5_000].join(","));
        let in_string = format!(r#"["\"{}\\"]"#, "[{".repeat(5_000));
        let without_end = format!("[\"{}\\", "[{".repeat(5_000));
        for text in [beside, in_string, without_end] {
            assert!(json(text.as_bytes()).is_ok());
        }
        let behind = format!(r#"["\\",{}"#, nested(DEEPEST));
        assert!(json(behind.as_bytes()).is_err(), "an escaped backslash does not hide the end of its string");
    }
}
