//! What people, models and tools say, as far as a meter cares: text of some length, full of what JSON has to escape, and
//! pictures in base64. It is made once and cut into pieces, so that a gigabyte of it costs a gigabyte of copying.

use super::random::Random;

/// Bytes of text to cut from. The longest piece is a fraction of it.
const TEXT: usize = 600_000;
/// Bytes of base64 to cut from.
const PICTURE: usize = 1_500_000;

/// Text and pictures, escaped as they stand between the quotes of a JSON string.
#[derive(Debug)]
pub(crate) struct Filler {
    text: String,
    /// Where lines of `text` begin: cutting elsewhere could cut an escape or a character.
    lines: Vec<usize>,
    picture: String,
}

impl Filler {
    pub(crate) fn new(random: &mut Random) -> Self {
        let mut filler = Self { text: String::with_capacity(TEXT + 300), lines: Vec::new(), picture: String::new() };
        while filler.text.len() < TEXT {
            filler.lines.push(filler.text.len());
            line(random, &mut filler.text);
        }
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        filler.picture = (0..PICTURE).map(|_| char::from(random.pick(alphabet))).collect();
        filler
    }

    /// Whole lines of text, `bytes` or a little more.
    pub(crate) fn text(&self, random: &mut Random, bytes: u64) -> &str {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(TEXT / 2);
        let starts = self.lines.partition_point(|start| start + bytes < TEXT).max(1);
        let start = self.lines[random.index(starts)];
        let end = self.lines.partition_point(|line| *line < start + bytes);
        &self.text[start..self.lines.get(end).copied().unwrap_or(self.text.len())]
    }

    /// Base64 of exactly `bytes`.
    pub(crate) fn picture(&self, random: &mut Random, bytes: u64) -> &str {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(PICTURE / 2);
        let start = random.index(PICTURE - bytes);
        &self.picture[start..start + bytes]
    }
}

/// One line as a terminal, a file or a person would have it.
fn line(random: &mut Random, text: &mut String) {
    const WORDS: &[&str] = &[
        "request", "ledger", "parse", "handler", "the", "of", "price", "token", "session", "error", "returns", "when",
        "is", "empty", "cache", "window", "für", "naïve", "retry", "queue", "Größe", "config", "migrate", "index",
    ];
    let indent = ["", "", r"\t", "    ", "        "][random.index(5)];
    text.push_str(indent);
    let mut words = |text: &mut String, count: u64| {
        for number in 0..count {
            if number > 0 {
                text.push(' ');
            }
            text.push_str(random.pick(WORDS));
        }
    };
    match words_kind(text.len()) {
        0 => {
            text.push_str("let ");
            words(text, 1);
            text.push_str(r#" = json!({ \"usage\": { \"input_tokens\": 12 }, \"type\": \"assistant\" });"#);
        }
        1 => {
            text.push_str(r"\u001b[32m✓\u001b[0m ");
            words(text, 6);
            text.push_str(" → 3 ms");
        }
        2 => {
            text.push_str(r#"println!(\""#);
            words(text, 4);
            text.push_str(r#"\\n\");"#);
        }
        3 => {
            text.push_str(r"C:\\Users\\dev\\src\\");
            words(text, 1);
            text.push_str(".rs:117:9");
        }
        4 => {
            text.push_str("│ ");
            words(text, 9);
            text.push_str(" │");
        }
        _ => words(text, 11),
    }
    text.push_str(r"\n");
}

/// Which kind of line comes at this place. Most are plain.
fn words_kind(place: usize) -> usize {
    place / 7 % 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_the_inside_of_a_json_string_of_about_the_length_asked_for() {
        let mut random = Random::new(3);
        let filler = Filler::new(&mut random);
        for bytes in [0, 1, 80, 5_000, 60_000] {
            let piece = filler.text(&mut random, bytes).to_owned();
            let length = u64::try_from(piece.len()).unwrap();
            assert!((bytes..bytes + 300).contains(&length), "{bytes} became {length}");
            serde_json::from_str::<String>(&format!("\"{piece}\"")).unwrap();
        }
        assert_eq!(filler.picture(&mut random, 70_000).len(), 70_000);
    }
}
