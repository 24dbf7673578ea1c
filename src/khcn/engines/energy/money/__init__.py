"""Money and CO2 of energy: prices, hours, VAT, emission factors and surplus rules, each row with its dates and source.

Everything is Decimal. A kWh has the price of its own day: a later tariff never changes what an earlier day cost.
"""
