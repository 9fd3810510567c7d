"""Writes oracle.csv: calls to the models that agents use, and what the publisher's own engine says they cost.

    pip install genai-prices==0.2.3 && python oracle.py > oracle.csv

The engine calculates in exact decimals. Each model gets one call a tier, with token counts around nothing in
particular; the seed is fixed, so that the file only changes with the price list.
"""

import random
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal

from genai_prices import Usage
from genai_prices.data import providers

PROVIDERS = [
    "anthropic", "openai", "google", "x-ai", "deepseek", "mistral", "moonshotai", "zai", "minimax", "cohere", "cursor",
    "github-copilot", "aws",
]
TIERS = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}
MOMENTS = [
    datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc),
    datetime(2026, 6, 10, 20, 0, tzinfo=timezone.utc),
    datetime(2026, 12, 15, 2, 30, tzinfo=timezone.utc),
    datetime(2026, 10, 14, 0, 0, tzinfo=timezone.utc),
]

random.seed(7)
print("provider,model,at,tier,input,cache_read,cache_write_short,cache_write_long,output,web_searches,dollars")
for provider in (provider for provider in providers if provider.id in PROVIDERS):
    for model in provider.models:
        base = model.get_prices(MOMENTS[0])
        if base.input_mtok is None or base.output_mtok is None:
            continue
        listed = [variant.when.items() for variant in model.price_variants or []]
        tiers = [name for name, context in TIERS.items() if any(when <= context.items() for when in listed)]
        for tier in ["standard", *tiers]:
            at = random.choice(MOMENTS)
            prompt = [random.choice([0, 7, 1234, 60_000, 150_000]) for _ in range(4)]
            output = random.choice([1, 999, 31_415])
            prompt[0] = prompt[0] if sum(prompt) else 5
            searches = random.choice([0, 0, 3]) if base.web_searches_kcount is not None else 0
            usage = Usage(
                input_tokens=sum(prompt),
                cache_read_tokens=prompt[1],
                cache_write_tokens=prompt[2] + prompt[3],
                cache_write_1h_tokens=prompt[3],
                output_tokens=output,
                web_searches=searches,
            )
            price = model.calc_price(usage, provider, genai_request_timestamp=at, price_context=TIERS.get(tier))
            dollars = price.total_price.quantize(Decimal("1e-9"), ROUND_HALF_UP).normalize()
            row = [provider.id, model.id, f"{at:%Y-%m-%dT%H:%M:%SZ}", tier, *prompt, output, searches, f"{dollars:f}"]
            print(",".join(map(str, row)))
