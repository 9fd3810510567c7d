//! Names of models and providers as logs write them, brought to the form in which the catalogue has them.

use std::iter;

use crate::naming::{BEDROCK, BEDROCK_PLACES};

/// A model's name without what does not change its price.
pub(crate) fn normal(model: &str) -> String {
    let name = model.trim().to_ascii_lowercase();
    // Claude Code marks the long context window so; it has no price of its own, the length of the prompt has.
    let name = name.strip_suffix("[1m]").unwrap_or(&name);
    // Gemini's API calls a model by its path.
    name.strip_prefix("models/").unwrap_or(name).to_owned()
}

/// The catalogue's id for a provider, where sources, `OpenTelemetry` and other catalogues have another one.
pub(crate) fn provider(name: &str) -> &str {
    match name {
        "amazon-bedrock" | "aws.bedrock" | "bedrock" => "aws",
        "azure-openai" | "azure.ai.inference" | "azure.ai.openai" | "azure_openai" => "azure",
        "copilot" | "github_copilot" => "github-copilot",
        "fireworks-ai" | "fireworks_ai" => "fireworks",
        "gcp.gemini"
        | "gcp.gen_ai"
        | "gcp.vertex_ai"
        | "gemini"
        | "google-vertex"
        | "google-vertex-anthropic"
        | "vertex"
        | "vertex_ai" => "google",
        "mistral_ai" | "mistralai" => "mistral",
        "moonshot" | "moonshotai-cn" => "moonshotai",
        "together-ai" | "together_ai" | "togetherai" => "together",
        "x_ai" | "xai" => "x-ai",
        "z-ai" | "zai-coding-plan" => "zai",
        other => other,
    }
}

/// Whether these are servers of models that run on hardware of one's own, by the names that agents have for them.
pub(crate) fn is_own_hardware(provider: &str) -> bool {
    ["jan", "llama-cpp", "llama.cpp", "llamacpp", "lm-studio", "lmstudio", "localai", "mlx", "ollama", "vllm"]
        .contains(&provider)
}

/// The provider that spells names in this form, and nobody else: Bedrock with the vendor before the model and often a place
/// before that, Vertex AI with `@` before the date. Whether it has such a model is for its list to say.
pub(crate) fn speller(name: &str) -> Option<&'static str> {
    let mut places = BEDROCK_PLACES.iter().filter(|place| !place.is_empty()).chain(["global."].iter());
    let placeless = places.find_map(|place| name.strip_prefix(place)).unwrap_or(name);
    let is_vendor = |(vendor, _): (&str, &str)| vendor.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if placeless.split_once('.').is_some_and(is_vendor) {
        return Some(BEDROCK);
    }
    before_date(name, ["@", "", ""]).map(|_| "google")
}

/// The forms under which a provider's list may have a name: as it is, at Bedrock without a version, and either with its
/// date left open.
pub(crate) fn spellings<'n>(name: &'n str, provider: &str) -> impl Iterator<Item = String> + use<'n> {
    iter::once(name)
        .chain(without_version(name).filter(|_| provider == BEDROCK))
        .flat_map(|name| iter::once(name.to_owned()).chain(date_left_open(name)))
}

/// `anthropic.claude-opus-4-5-20251101-v1:0` without its `-v1:0`.
fn without_version(name: &str) -> Option<&str> {
    let (model, version) = name.rsplit_once("-v")?;
    let (major, minor) = version.split_once(':').unwrap_or((version, "0"));
    (all_digits(major) && all_digits(minor)).then_some(model)
}

/// A name that ends in a date with `#` for its digits, and with `#` for all but the year's: some names are known with
/// any date, some with the dates of a year.
fn date_left_open(name: &str) -> Vec<String> {
    let dashed = ["-", "-", "-"];
    let compact = |before| [before, "", ""];
    [dashed, compact("-"), compact("@")]
        .into_iter()
        .find_map(|separators| {
            let (model, year) = before_date(name, separators)?;
            let [before, one, two] = separators;
            Some(["####", year].map(|year| format!("{model}{before}{year}{one}##{two}##")).to_vec())
        })
        .unwrap_or_default()
}

/// The part before the date and the date's year, if the name ends in a date written with these separators.
fn before_date<'name>(name: &'name str, separators: [&str; 3]) -> Option<(&'name str, &'name str)> {
    let [before, one, two] = separators;
    let (rest, day) = split_digits(name, 2)?;
    let (rest, month) = split_digits(rest.strip_suffix(two)?, 2)?;
    let (rest, year) = split_digits(rest.strip_suffix(one)?, 4)?;
    let possible = matches!(month.parse(), Ok(1..=12_u8)) && matches!(day.parse(), Ok(1..=31_u8));
    possible.then_some((rest.strip_suffix(before)?, year))
}

/// The last `count` digits and what stands before them.
fn split_digits(text: &str, count: usize) -> Option<(&str, &str)> {
    let (rest, digits) = text.split_at_checked(text.len().checked_sub(count)?)?;
    all_digits(digits).then_some((rest, digits))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
