//! Where a cloud ran a call, which has its price and which its answers do not always tell.

use spendmeter_catalogue::{Catalogue, Listing};

/// How Bedrock's ids begin, of the same model run anywhere and run within a region.
const ANYWHERE: &str = "global.";
const WITHIN: &str = "regional.";

/// A price, and the one that holds instead if the call was run elsewhere.
///
/// Within a region of Bedrock, most models cost a tenth more than anywhere, and so does Claude on Vertex AI. Bedrock's ids
/// say where, but what its models call themselves in their answers does not; Vertex AI never says. The lists have both prices
/// for Bedrock, and that of anywhere for Vertex AI.
pub(super) fn told<'c>(
    catalogue: &'c Catalogue,
    listing: Listing<'c>,
    model: &str,
) -> (Listing<'c>, Option<Listing<'c>>) {
    match listing.provider() {
        "aws" => {
            let anywhere = anywhere_on_bedrock(catalogue, &listing).filter(|_| !names_its_maker(model, &listing));
            anywhere.map_or((listing, None), |anywhere| (anywhere, Some(listing)))
        }
        "google" if listing.model().starts_with("claude-") => (listing, within_bedrock(catalogue, listing.model())),
        _ => (listing, None),
    }
}

/// The price of the same model run anywhere, of one run within a region.
fn anywhere_on_bedrock<'c>(catalogue: &'c Catalogue, within: &Listing<'c>) -> Option<Listing<'c>> {
    let id = within.model().strip_prefix(WITHIN)?;
    catalogue.find(Some("aws"), &format!("{ANYWHERE}{id}"))
}

/// Whether a call has the model's id on Bedrock, which begins with a place, if it is not the region of the one who asks, and
/// its maker: `us.anthropic.…`, `anthropic.…`.
fn names_its_maker(model: &str, listing: &Listing<'_>) -> bool {
    let maker = listing.model().split('.').nth(1).unwrap_or_default();
    model.to_ascii_lowercase().contains(&format!("{maker}."))
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
    anywhere_on_bedrock(catalogue, &within).map(|_| within)
}
