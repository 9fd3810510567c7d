//! Both lists to one catalogue: which model of the one is which of the other, under which names it is known, and who
//! makes it. What a model costs is the affair of `merge`.

use std::collections::BTreeMap;

use crate::catalogue::{Catalogue, FORM, Model, Seller, Source};
use crate::front_coded::FrontCoded;
use crate::genai_prices::{self, Problem, Provider};
use crate::merge::{Sides, points};
use crate::model_prices::{self, History};
use crate::naming::{BEDROCK, names};
use crate::point::{Context, Kind, Point};
use crate::spelling::spellings;
use crate::timeline::Timeline;

/// Providers that make models, in the order in which a model without a known provider is looked for. `zai` comes before
/// `zhipuai`: the same models at the international list price.
const MAKERS: &[&str] = &[
    "anthropic",
    "openai",
    "google",
    "x-ai",
    "deepseek",
    "mistral",
    "moonshotai",
    "zai",
    "zhipuai",
    "minimax",
    "cohere",
    "meta",
    "cursor",
    "alibaba",
    "xiaomi",
    "stepfun-ai",
    "cognition",
    "inception",
    "poolside",
    "thinkingmachines",
    "arcee",
    "ai21",
    "upstage",
    "tencent-tokenhub",
    "byteplus",
    "longcat",
    "sakana",
    "bailing",
    "sensenova",
    "nova",
];

/// Anthropic charges a tenth more for staying in a region; its rates must have that tenth.
const TENTHS: &str = "anthropic";

/// Merges the lists as they were published. What could not be understood is left out and told, place by place.
///
/// # Errors
/// What is wrong with a list as a whole, in words: it is no JSON, or has another form than the one that is understood.
pub fn compile(genai_prices: (&str, Source), model_prices: (&str, Source)) -> Result<(Catalogue, Vec<String>), String> {
    let (providers, mut problems) = genai_prices::read(genai_prices.0, genai_prices.1.published)?;
    let mut history = model_prices::read(model_prices.0)?;
    problems.append(&mut history.problems);
    let mut builder = Builder::new(history);
    for provider in &providers {
        builder.add(provider, &mut problems);
    }
    builder.add_the_others(&mut problems);
    Ok((builder.finish(vec![genai_prices.1, model_prices.1]), problems))
}

struct Builder {
    history: History,
    sellers: Vec<(String, Vec<String>, BTreeMap<String, u16>)>,
    makers: BTreeMap<String, (usize, u16)>,
    models: Vec<(String, Model)>,
    points: Vec<Point>,
}

impl Builder {
    fn new(history: History) -> Self {
        Self { history, sellers: Vec::new(), makers: BTreeMap::new(), models: Vec::new(), points: Vec::new() }
    }

    /// Adds a provider of genai-prices with its models, and with those that model-prices has beyond.
    fn add(&mut self, provider: &Provider, problems: &mut Vec<Problem>) {
        let known = match names(provider) {
            Ok(known) => known,
            Err(problem) => return problems.push(problem),
        };
        let mut history = self.history.models.remove(&provider.id).unwrap_or_default();
        // Which of the models a name of the other list means: asked as a call would be.
        let means = |name: &str| spellings(name, &provider.id).find_map(|name| known.get(&name)).copied();
        let mut numbers = Vec::with_capacity(provider.models.len());
        for (index, model) in provider.models.iter().enumerate() {
            let id = model.id.to_lowercase();
            // Bedrock's other names are other places, with prices of their own.
            let one_price = provider.id != BEDROCK;
            let other = || history.keys().find(|name| one_price && means(name) == Some(index)).cloned();
            let theirs = if history.contains_key(&id) { Some(id) } else { other() };
            let mut theirs = theirs.and_then(|name| history.remove(&name));
            if let Some(theirs) = theirs.as_mut().filter(|_| model.generates_more_than_text) {
                let known = |context: &Context| model.prices.as_ref().is_some_and(|today| today.contains_key(context));
                let text = std::mem::take(theirs).into_iter().filter(|(context, _)| known(context));
                *theirs = text.map(|(context, list)| (context, list.without(Kind::Output))).collect();
            }
            // What cannot be counted by one list is not made countable by the other, which leaves that part out.
            let number = model
                .prices
                .as_ref()
                .and_then(|today| self.add_model(&model.id, &provider.id, Some(today), theirs.as_ref(), problems));
            numbers.push(number);
        }
        let mut names: BTreeMap<String, u16> =
            known.iter().filter_map(|(name, index)| Some((name.clone(), numbers[*index]?))).collect();
        // Names that genai-prices has are its own to explain, priced or not.
        history.retain(|name, _| means(name).is_none());
        for (name, theirs) in &history {
            if let Some(number) = self.add_model(name, &provider.id, None, Some(theirs), problems) {
                names.insert(name.clone(), number);
            }
        }
        self.finish_seller(provider.id.clone(), provider.fallbacks.clone(), names, |name| {
            provider.makes.as_ref().is_none_or(|rule| rule.accepts(name)) || history.contains_key(name)
        });
    }

    /// Adds the providers that only model-prices has.
    fn add_the_others(&mut self, problems: &mut Vec<Problem>) {
        let others = std::mem::take(&mut self.history.models);
        for (provider, models) in others {
            let mut names = BTreeMap::new();
            for (name, theirs) in &models {
                if let Some(number) = self.add_model(name, &provider, None, Some(theirs), problems) {
                    names.insert(name.clone(), number);
                }
            }
            self.finish_seller(provider, Vec::new(), names, |_| true);
        }
    }

    fn finish_seller(
        &mut self,
        id: String,
        fallbacks: Vec<String>,
        mut names: BTreeMap<String, u16>,
        is_own: impl Fn(&str) -> bool,
    ) {
        for (_, name, model) in self.history.names.iter().filter(|(provider, ..)| *provider == id) {
            if let Some(number) = names.get(model).copied() {
                names.entry(name.clone()).or_insert(number);
            }
        }
        if let Some(rank) = MAKERS.iter().position(|maker| *maker == id) {
            for (name, number) in names.iter().filter(|(name, _)| is_own(name)) {
                let best = self.makers.entry(name.clone()).or_insert((rank, *number));
                *best = (rank, *number).min(*best);
            }
        }
        self.sellers.push((id, fallbacks, names));
    }

    fn add_model(
        &mut self,
        id: &str,
        provider: &str,
        today: Option<&BTreeMap<Context, Timeline>>,
        history: Option<&BTreeMap<Context, Timeline>>,
        problems: &mut Vec<Problem>,
    ) -> Option<u16> {
        let schedules = self.history.schedules.iter().enumerate().filter_map(|(number, dated)| {
            // What is said of all other models of a provider is said of those that the same list has.
            let others = dated.factor.filter(|_| history.is_some());
            let factor = dated.factors.get(&id.to_lowercase()).copied().or(others)?;
            (dated.provider == provider).then_some((u8::try_from(number).ok()?, dated, factor))
        });
        let sides = Sides { today, history, updated: self.history.updated, schedules: schedules.collect() };
        let points = points(&sides);
        let rates = points.iter().flat_map(|point| [Some(point.rates), point.rival]).flatten();
        if provider == TENTHS && rates.flat_map(|rates| rates.0).flatten().any(|rate| rate % 10 != 0) {
            problems.push(format!("{provider}/{id}: a rate without an exact tenth"));
            return None;
        }
        if points.is_empty() {
            return None;
        }
        let numbers =
            (u16::try_from(self.models.len()), u16::try_from(self.sellers.len()), u32::try_from(self.points.len()));
        let (Ok(number), Ok(seller), Ok(first)) = numbers else {
            problems.push(format!("{provider}/{id}: more models than can be numbered"));
            return None;
        };
        self.points.extend(points);
        self.models.push((id.to_owned(), Model { seller, first }));
        Some(number)
    }

    fn finish(self, sources: Vec<Source>) -> Catalogue {
        let sellers = self.sellers.into_iter().map(|(id, fallbacks, names)| Seller {
            id,
            fallbacks,
            names: FrontCoded::new(names),
        });
        let ratio = |point: &Point| {
            let (long, input) = (point.rates.of(Kind::CacheWriteLong)?, point.rates.of(Kind::Input)?);
            (input > 0).then(|| i64::try_from(i128::from(long) * 1_000 / i128::from(input)).unwrap_or(i64::MAX))
        };
        Catalogue {
            form: FORM,
            dearest_long_write: self.points.iter().filter_map(ratio).max().unwrap_or(1_000),
            sources,
            sellers: sellers.collect(),
            makers: FrontCoded::new(self.makers.into_iter().map(|(name, (_, number))| (name, number))),
            models: FrontCoded::new(self.models),
            points: self.points,
            schedules: self.history.schedules.into_iter().map(|dated| dated.schedule).collect(),
            plans: self.history.plans,
            addresses: self.history.addresses,
        }
    }
}
