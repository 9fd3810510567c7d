//! Tokens as Gemini's API counts them. Agents write them under names of their own.

use crate::usage::Tokens;

/// The counts of one answer. The prompt includes what was cached. Whether the answer includes its thoughts depends on who
/// served it, and so does whether the prompt includes what tools brought in; only the total tells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GeminiCounts {
    pub(super) prompt: u64,
    pub(super) cached: u64,
    pub(super) answer: u64,
    pub(super) thoughts: u64,
    pub(super) tools: u64,
    /// All of it, where it is stated.
    pub(super) total: Option<u64>,
}

impl GeminiCounts {
    /// The same in disjoint kinds. Without a total, thoughts stand beside the answer, as in Gemini's own.
    pub(super) fn tokens(self) -> Tokens {
        let Self { prompt, cached, answer, thoughts, tools, total } = self;
        let beside = total.map_or(thoughts, |total| total.saturating_sub(prompt + answer));
        let thoughts_beside = thoughts.min(beside);
        let tools_beside = tools.min(beside - thoughts_beside);
        let cached = cached.min(prompt);
        let output = answer + thoughts_beside;
        Tokens {
            input: prompt - cached + tools_beside,
            cache_read: cached,
            output,
            reasoning: thoughts.min(output),
            ..Tokens::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: GeminiCounts =
        GeminiCounts { prompt: 12_000, cached: 9_000, answer: 250, thoughts: 200, tools: 0, total: None };
    const TOKENS: Tokens = Tokens {
        input: 3_000,
        cache_read: 9_000,
        cache_write_short: 0,
        cache_write_long: 0,
        output: 450,
        reasoning: 200,
    };

    #[test]
    fn t06_thoughts_are_added_to_the_answer_only_where_the_total_has_them_beside_it() {
        assert_eq!(GeminiCounts { total: Some(12_450), ..COUNTS }.tokens(), TOKENS);
        assert_eq!(COUNTS.tokens(), TOKENS, "as Gemini's own API has it, where nothing is said");
        let included = GeminiCounts { answer: 450, total: Some(12_450), ..COUNTS };
        assert_eq!(included.tokens(), TOKENS);
    }

    #[test]
    fn what_tools_brought_in_is_input_only_where_the_total_has_it_beside_the_prompt() {
        let tools = GeminiCounts { tools: 70, ..COUNTS };
        assert_eq!(GeminiCounts { total: Some(12_450), ..tools }.tokens(), TOKENS);
        assert_eq!(GeminiCounts { total: Some(12_520), ..tools }.tokens(), Tokens { input: 3_070, ..TOKENS });
    }

    #[test]
    fn more_cached_than_there_was_to_cache_is_all_of_it() {
        let tokens = GeminiCounts { cached: 13_000, ..COUNTS }.tokens();
        assert_eq!((tokens.input, tokens.cache_read), (0, 12_000));
    }
}
