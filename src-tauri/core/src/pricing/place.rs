//! Where a cloud ran a call, which has its price and which its answers do not tell.

use spendmeter_catalogue::{Catalogue, Listing};

/// How Bedrock's ids begin, of the same model run anywhere and run within a region.
const ANYWHERE: &str = "global.";
const WITHIN: &str = "regional.";

/// A price, and the one that holds instead if the call was run elsewhere.
///
/// Claude within a region of Bedrock or Vertex AI costs a tenth more than anywhere. Bedrock's ids say where, but what its
/// models call themselves in their answers does not; Vertex AI never says. The lists have both prices for Bedrock, and that
/// of anywhere for Vertex AI.
pub(super) fn told<'c>(
    catalogue: &'c Catalogue,
    listing: Listing<'c>,
    model: &str,
) -> (Listing<'c>, Option<Listing<'c>>) {
    match listing.provider() {
        "aws" if !model.contains('.') => {
            let id = listing.model().strip_prefix(WITHIN);
            let anywhere = id.and_then(|id| catalogue.find(Some("aws"), &format!("{ANYWHERE}{id}")));
            anywhere.map_or((listing, None), |anywhere| (anywhere, Some(listing)))
        }
        "google" if listing.model().starts_with("claude-") => (listing, within_bedrock(catalogue, listing.model())),
        _ => (listing, None),
    }
}

/// Whether it is the price within a region.
pub(super) fn is_within(listing: &Listing<'_>) -> bool {
    listing.model().starts_with(WITHIN)
}

/// What a model of Anthropic's costs within a region of Bedrock, if it costs something else anywhere.
fn within_bedrock<'c>(catalogue: &'c Catalogue, model: &str) -> Option<Listing<'c>> {
    let prefix = format!("{WITHIN}anthropic.{model}");
    let is_of_model = |id: &str| {
        id.strip_prefix(&prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("-v") || rest.starts_with("-20"))
    };
    let within = catalogue.models().find(|listing| listing.provider() == "aws" && is_of_model(listing.model()))?;
    let anywhere = format!("{ANYWHERE}{}", within.model().strip_prefix(WITHIN)?);
    catalogue.find(Some("aws"), &anywhere).map(|_| within)
}
