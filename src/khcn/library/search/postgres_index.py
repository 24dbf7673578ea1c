"""placeholder, replaced below"""


class PostgresIndex:
    pass
