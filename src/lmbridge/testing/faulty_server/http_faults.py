HTTP_MODES: dict[str, str] = {}


class FaultyHttpServer: ...
