"""A service on a socket whose jobs are done by the process of tests: FOLDER [JSON]."""

import dataclasses
import json
import sys
from pathlib import Path

from lr_finder.service.jobs import supervisor
from lr_finder.service.service_settings import Limits, ServiceSettings
from lr_finder.service.serving import serve
from lr_finder.service.suggesting import SuggestionPool

if __name__ == "__main__":
    fake = Path(__file__).with_name("fake_worker.py")
    supervisor.COMMAND = (sys.executable, "-P", str(fake))
    SuggestionPool.start = lambda pool: None  # its processes begin when they are asked
    given = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    limits = Limits(**given.pop("limits", {}))
    settings = ServiceSettings(Path(sys.argv[1]), port=0, limits=limits)
    left = serve(
        dataclasses.replace(settings, **given), lambda told: print(told, flush=True)
    )
    print("left", left)
