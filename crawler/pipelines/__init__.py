"""Item pipelines, one duty each: assemble -> fix -> normalise -> validate -> deduplicate -> store.

``ITEM_PIPELINES`` in settings.py names the classes in this order; replay calls :func:`crawler.pipelines.chain.chain`.
None of them needs an engine, and none waits: Scrapy passes an item through all of them without turning to another one.
"""
