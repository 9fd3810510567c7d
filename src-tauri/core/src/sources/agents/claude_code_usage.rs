//! What a response of Claude Code's consumed, as its `usage` has it.
//!
//! Input excludes cached tokens. Cache writes are split into 5-minute and 1-hour ones, which differ in price. A few
//! responses of 2.1.18x carry zeros on top and the real figures in `iterations`.

use memchr::memmem;
use serde::Deserialize;
use sonic_rs::LazyValue;

use crate::sources::logs::{Figure, LineError, Text, known, sane};
use crate::usage::{CacheWrites, Tokens};

/// The figures of a response.
#[derive(Deserialize)]
pub(super) struct Usage<'a> {
    input_tokens: Option<Figure>,
    output_tokens: Option<Figure>,
    cache_read_input_tokens: Option<Figure>,
    cache_creation_input_tokens: Option<Figure>,
    cache_creation: Option<CacheCreation>,
    output_tokens_details: Option<OutputDetails>,
    server_tool_use: Option<ServerTools>,
    #[serde(borrow)]
    service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    speed: Option<Text<'a>>,
    /// Where it ran, if that was asked for.
    #[serde(borrow)]
    pub(super) inference_geo: Option<Text<'a>>,
    /// See [`Usage::rounds`].
    #[serde(borrow)]
    iterations: Option<LazyValue<'a>>,
}

#[derive(Deserialize)]
struct ServerTools {
    web_search_requests: Option<Figure>,
}

/// The kind of a round in which an adviser answered.
const ADVICE: &str = "advisor_message";

/// One round of a response that took several.
#[derive(Deserialize)]
pub(super) struct Iteration<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    input_tokens: Option<Figure>,
    output_tokens: Option<Figure>,
    cache_read_input_tokens: Option<Figure>,
    cache_creation_input_tokens: Option<Figure>,
    cache_creation: Option<CacheCreation>,
    output_tokens_details: Option<OutputDetails>,
}

impl Iteration<'_> {
    fn figures(&self) -> Figures {
        Figures {
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cache_read_input_tokens: self.cache_read_input_tokens,
            cache_creation_input_tokens: self.cache_creation_input_tokens,
            cache_creation: self.cache_creation,
            output_tokens_details: self.output_tokens_details,
        }
    }

    pub(super) fn consumed(&self) -> Result<(Tokens, CacheWrites), LineError> {
        self.figures().consumed()
    }

    pub(super) fn model(&self) -> Option<&str> {
        known(self.model.as_ref())
    }

    /// Whether the response's own figures are meant to include this round.
    fn is_own(&self) -> bool {
        matches!(self.kind.as_deref(), Some("message" | "compaction" | "fallback_message"))
    }
}

/// The counts that responses and their rounds have alike. Each lists them itself: serde's `flatten` would copy every
/// field it passes by.
#[derive(Clone, Copy)]
struct Figures {
    input_tokens: Option<Figure>,
    output_tokens: Option<Figure>,
    cache_read_input_tokens: Option<Figure>,
    cache_creation_input_tokens: Option<Figure>,
    cache_creation: Option<CacheCreation>,
    output_tokens_details: Option<OutputDetails>,
}

#[derive(Clone, Copy, Deserialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Option<Figure>,
    ephemeral_1h_input_tokens: Option<Figure>,
}

#[derive(Clone, Copy, Deserialize)]
struct OutputDetails {
    thinking_tokens: Option<Figure>,
}

impl Figures {
    fn consumed(&self) -> Result<(Tokens, CacheWrites), LineError> {
        let (short, long) = self.split()?;
        // Without a total, the split is all that is known.
        let written = if self.cache_creation_input_tokens.is_none() {
            short + long
        } else {
            sane(self.cache_creation_input_tokens)?
        };
        let output = sane(self.output_tokens)?;
        // Where split and total differ, the total is what is charged.
        let long = long.min(written);
        let tokens = Tokens {
            input: sane(self.input_tokens)?,
            cache_read: sane(self.cache_read_input_tokens)?,
            cache_write_short: written - long,
            cache_write_long: long,
            output,
            reasoning: self.output_tokens_details.map_or(Ok(0), |details| sane(details.thinking_tokens))?.min(output),
        };
        // Old versions and some gateways leave the split out.
        let is_told = self.cache_creation.is_some() || written == 0;
        Ok((tokens, if is_told { CacheWrites::Told } else { CacheWrites::WithoutLifetime }))
    }

    /// Cache writes by lifetime: 5 minutes, 1 hour.
    fn split(&self) -> Result<(u64, u64), LineError> {
        let Some(split) = &self.cache_creation else { return Ok((0, 0)) };
        Ok((sane(split.ephemeral_5m_input_tokens)?, sane(split.ephemeral_1h_input_tokens)?))
    }

    fn split_agrees(&self) -> Result<bool, LineError> {
        let (short, long) = self.split()?;
        let is_stated = self.cache_creation.is_some() && self.cache_creation_input_tokens.is_some();
        Ok(!is_stated || short + long == sane(self.cache_creation_input_tokens)?)
    }
}

impl Usage<'_> {
    fn figures(&self) -> Figures {
        Figures {
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cache_read_input_tokens: self.cache_read_input_tokens,
            cache_creation_input_tokens: self.cache_creation_input_tokens,
            cache_creation: self.cache_creation,
            output_tokens_details: self.output_tokens_details,
        }
    }

    /// The rounds the response took. Nearly always there is one, which says the same again: not worth parsing then.
    fn rounds(&self) -> Result<Vec<Iteration<'_>>, LineError> {
        let rounds = self.iterations.as_ref().map_or(Ok(None), |rounds| sonic_rs::from_str(rounds.as_raw_str()))?;
        Ok(rounds.unwrap_or_default())
    }

    /// The rounds in which an adviser answered.
    pub(super) fn advice(&self) -> Result<Vec<Iteration<'_>>, LineError> {
        let is_any = |rounds: &LazyValue<'_>| memmem::find(rounds.as_raw_str().as_bytes(), ADVICE.as_bytes()).is_some();
        if !self.iterations.as_ref().is_some_and(is_any) {
            return Ok(Vec::new());
        }
        Ok(self.rounds()?.into_iter().filter(|round| round.kind.as_deref() == Some(ADVICE)).collect())
    }

    /// The response's own tokens: as stated, or where that is all zero or contradicts itself, the sum of its rounds.
    pub(super) fn consumed(&self) -> Result<(Tokens, CacheWrites), LineError> {
        let figures = self.figures();
        let (stated, cache_writes) = figures.consumed()?;
        if stated.total() > 0 && figures.split_agrees()? {
            return Ok((stated, cache_writes));
        }
        let mut rounds = (Tokens::default(), CacheWrites::Told);
        for round in self.rounds()?.iter().filter(|round| round.is_own()) {
            let (tokens, cache_writes) = round.consumed()?;
            rounds = (rounds.0 + tokens, rounds.1.max(cache_writes));
        }
        let same_otherwise = stated.input == rounds.0.input && stated.output == rounds.0.output;
        let is_of_rounds = rounds.0.total() > 0 && (stated.total() == 0 || same_otherwise);
        Ok(if is_of_rounds { rounds } else { (stated, cache_writes) })
    }

    /// Searches of the web that are charged by the piece.
    pub(super) fn web_searches(&self) -> Result<u64, LineError> {
        self.server_tool_use.as_ref().map_or(Ok(0), |tools| sane(tools.web_search_requests))
    }

    /// The name of the way it ran. Fast answers have the name of any other tier beside it.
    pub(super) fn tier(&self) -> Option<&str> {
        let speed = self.speed.as_deref().filter(|speed| *speed == "fast");
        speed.or(self.service_tier.as_deref())
    }
}
