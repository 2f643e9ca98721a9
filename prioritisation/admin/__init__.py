"""Staff work on programmes, initiatives, rounds and plans, in Django's admin."""
