//! A call of a model: what both generations of reports are made of.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::rows::{Amounts, Row};
use super::Organisation;

/// A call, or several that are alike.
#[derive(Clone, Debug)]
pub struct Call {
    pub at: Timestamp,
    pub model: String,
    /// `None` for the playground.
    pub key: Option<String>,
    /// `None` for the default workspace.
    pub workspace: Option<String>,
    /// The user who made it, where that is known.
    pub account: Option<String>,
    pub service_account: Option<String>,
    /// `standard`, `batch`, `priority`, `priority_on_demand`, `flex`, `flex_discount`.
    pub tier: String,
    /// `0-200k`, `200k-1M`.
    pub context_window: String,
    /// `global`, `us`, `not_available`.
    pub geo: String,
    /// `standard`, `fast`.
    pub speed: String,
    pub product: Option<String>,
    pub requests: i64,
    pub tokens: Tokens,
    pub web_searches: i64,
    /// What it cost, by what was charged for.
    pub charges: Vec<Charge>,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            model: "claude-opus-5-5".to_owned(),
            key: None,
            workspace: None,
            account: None,
            service_account: None,
            tier: "standard".to_owned(),
            context_window: "0-200k".to_owned(),
            geo: "global".to_owned(),
            speed: "standard".to_owned(),
            product: None,
            requests: 1,
            tokens: Tokens::default(),
            web_searches: 0,
            charges: Vec::new(),
        }
    }
}

/// Tokens; the kinds are disjoint, as the provider has them.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub uncached: i64,
    pub written_5m: i64,
    pub written_1h: i64,
    pub cache_read: i64,
    pub output: i64,
}

/// A part of what a call cost.
#[derive(Clone, Debug, Default)]
pub struct Charge {
    /// `tokens`, `web_search`, `code_execution`, `session_usage`.
    pub cost_type: String,
    /// Of tokens: `uncached_input_tokens`, `output_tokens`, …
    pub token_type: Option<String>,
    /// As it is on the invoice.
    pub description: String,
    /// After discounts, in billionths of a dollar.
    pub nanos: i64,
    /// By the price list.
    pub list_nanos: i64,
}

impl Call {
    pub(super) fn usage(&self, of: Map<String, Value>) -> Row {
        let Tokens { uncached, written_5m, written_1h, cache_read, output } = self.tokens;
        let amounts = Amounts::from([
            ("uncached_input_tokens", uncached),
            ("written_5m", written_5m),
            ("written_1h", written_1h),
            ("cache_read_input_tokens", cache_read),
            ("output_tokens", output),
            ("total_tokens", uncached + written_5m + written_1h + cache_read + output),
            ("web_search_requests", self.web_searches),
            ("requests", self.requests),
        ]);
        Row { at: self.at.as_second(), of, amounts }
    }

    /// A row per charge. Requests are counted with the first, so that they add up.
    pub(super) fn costs(&self, of: &Map<String, Value>) -> Vec<Row> {
        let row = |(number, charge): (usize, &Charge)| {
            let mut of = of.clone();
            of.insert("cost_type".to_owned(), charge.cost_type.as_str().into());
            of.insert("token_type".to_owned(), charge.token_type.clone().into());
            of.insert("description".to_owned(), charge.description.as_str().into());
            let requests = if number == 0 { self.requests } else { 0 };
            let money = [("amount", charge.nanos), ("list_amount", charge.list_nanos)];
            let amounts = money.into_iter().chain([("requests", requests)]).collect();
            Row { at: self.at.as_second(), of, amounts }
        };
        self.charges.iter().enumerate().map(row).collect()
    }

    /// Dimensions as the older reports name them: the default workspace is null.
    pub(super) fn older_dimensions(&self) -> Map<String, Value> {
        object(json!({
            "account_id": self.account,
            "api_key_id": self.key,
            "workspace_id": self.workspace,
            "model": self.model,
            "service_account_id": self.service_account,
            "service_tier": self.tier,
            "context_window": self.context_window,
            "inference_geo": self.geo,
            "speed": self.speed,
        }))
    }

    /// Dimensions as the newer reports name them. `actor_id` is for filters alone.
    pub(super) fn newer_dimensions(&self, organisation: &Organisation) -> Map<String, Value> {
        let (actor_id, actor) = self.actor(organisation);
        object(json!({
            "actor": actor,
            "actor_id": actor_id,
            "actor_type": actor["type"],
            "api_key_id": self.key.as_deref(),
            "context_window": self.context_window,
            "inference_geo": Some(&self.geo).filter(|geo| *geo != "not_available"),
            "model": self.model,
            "organization_id": organisation.id,
            "product": self.product,
            "service_tier": self.tier,
            "speed": self.speed,
            "workspace_id": self.workspace.as_ref().unwrap_or(&organisation.default_workspace),
        }))
    }

    fn actor(&self, organisation: &Organisation) -> (Option<&str>, Value) {
        if let Some(id) = &self.account {
            let user = organisation.users.iter().find(|user| user.id == *id);
            let (name, email) = (user.map(|user| &user.name), user.map(|user| &user.email));
            let deleted = user.is_none();
            let actor = json!({ "type": "user_actor", "user_id": id, "name": name, "email_address": email, "deleted": deleted });
            (Some(id), actor)
        } else if let Some(id) = &self.service_account {
            (Some(id), json!({ "type": "service_account_actor", "service_account_id": id }))
        } else if let Some(id) = &self.key {
            (Some(id), json!({ "type": "api_actor", "api_key_id": id }))
        } else {
            (None, Value::Null)
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
