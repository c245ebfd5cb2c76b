"""What stands beside the REST API: ``/metrics`` and ``/debug/vars/``, which tell of the process alone.

The numbers are those of a small k6: a heap that grows with the metrics and is swept now and then, a file for each VU's
connection, and as much CPU as the scenario's generator needs for its requests, up to all that it has.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

from dashboard.simulation import gojson
from dashboard.simulation.engine import Engine
from dashboard.simulation.sinks import CounterSink

PROMETHEUS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
PPROF_OFF: Final = "To enable profiling, please run k6 with the --profiling-enabled flag"

_PROMETHEUS: Final = Path(__file__).resolve().parent / "prometheus.txt"
_PAUSE: Final = 0.0003
_SIZES: Final = (
    *(
        0,
        8,
        16,
        24,
        32,
        48,
        64,
        80,
        96,
        112,
        128,
        144,
        160,
        176,
        192,
        208,
        224,
        240,
        256,
        288,
        320,
        352,
        384,
        416,
        448,
    ),
    *(
        480,
        512,
        576,
        640,
        704,
        768,
        896,
        1024,
        1152,
        1280,
        1408,
        1536,
        1792,
        2048,
        2304,
        2688,
        3072,
        3200,
        3456,
        4096,
    ),
    *(4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432),
)
"""The size classes of Go's allocator, which ``memstats`` lists."""


def _shown(value: float) -> str:
    """A number as the Prometheus text format has it: Go's ``%g``, here with an exponent from 1e6 on."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if abs(value) < 1e6:
        return repr(round(value, 9))
    mantissa, _, exponent = f"{value:.16e}".partition("e")
    shortest = repr(float(value))
    digits = shortest.partition("e")[0].replace(".", "").lstrip("0").rstrip("0") or mantissa[0]
    return f"{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e{exponent[0]}{int(exponent[1:]):02d}"


def _process(engine: Engine) -> dict[str, float]:
    """The process as it would be after what the engine has done."""
    seconds = engine.now
    requests = engine.registry["http_reqs"].sink
    done = requests.total if isinstance(requests, CounterSink) else 0.0
    allocated = 6e6 + 12_000.0 * done + 40_000.0 * seconds
    live = 3.4e6 + 2_000.0 * len(engine.registry.observed) + 60_000.0 * engine.status().vus_max
    collections = allocated // live
    alloc = live + allocated % live
    mallocs = 60_000 + allocated // 90
    objects = alloc // 110
    started = engine.clock.now() - seconds / engine.speed
    generator, vus = engine.scenario.generator, engine.status().vus
    # Whoever watches a run that is sped up divides by the seconds of his own clock.
    cpu = min(0.3 + (generator.cpu_ms / 1000.0) * done + 0.004 * seconds, 0.3 + generator.cores * seconds)
    return {
        "alloc": alloc // 1,
        "alloc_total": allocated // 1,
        "collections": collections,
        "cores": generator.cores,
        "cpu_seconds": round(cpu / engine.speed, 2),
        "frees": mallocs - objects,
        "goroutines": 20 + 2 * engine.status().vus_max,
        "heap_idle": live // 2,
        "heap_inuse": alloc // 1 + 1.2e6,
        "heap_sys": alloc // 1 + 1.2e6 + live // 2,
        "last_collection": started + seconds / engine.speed if collections else 0.0,
        "mallocs": mallocs,
        "max_files": generator.max_files,
        "next_gc": 2 * live,
        "objects": objects,
        "open_files": 9 + vus,
        "pause_seconds": collections * _PAUSE / engine.speed,
        "received": 2_000.0 * done // 1,
        "resident": 3.2e7 + alloc // 1,
        "sent": 300.0 * done // 1,
        "started": started,
        "sys": alloc // 1 + 1.2e6 + live // 2 + 6.8e6,
    }


def prometheus_page(engine: Engine, scrapes: int) -> str:
    """``/metrics``, after so many scrapes that were answered before."""
    values = {name: _shown(value) for name, value in _process(engine).items()}
    template = Template(_PROMETHEUS.read_text(encoding="utf-8"))
    return template.substitute(values, go_version=engine.profile.go_version, scrapes=str(scrapes))


def vars_page(engine: Engine, address: str) -> str:
    """``/debug/vars/``: the command line, and the memory."""
    process = _process(engine)
    command = ["k6", "run", "--address", address]
    command += ["--paused"] if engine.start_paused else []
    command += ["--linger"] if engine.linger else []
    command.append(f"{engine.scenario.name}.js")
    zeros = ",".join(["0"] * 256)
    classes = ",".join(f'{{"Size":{size},"Mallocs":0,"Frees":0}}' for size in _SIZES)
    memory = {
        "Alloc": "alloc", "TotalAlloc": "alloc_total", "Sys": "sys", "Lookups": "", "Mallocs": "mallocs",
        "Frees": "frees", "HeapAlloc": "alloc", "HeapSys": "heap_sys", "HeapIdle": "heap_idle",
        "HeapInuse": "heap_inuse", "HeapReleased": "", "HeapObjects": "objects", "StackInuse": "",
        "StackSys": "", "MSpanInuse": "", "MSpanSys": "", "MCacheInuse": "", "MCacheSys": "",
        "BuckHashSys": "", "GCSys": "", "OtherSys": "", "NextGC": "next_gc",
    }  # fmt: skip
    numbers = [f'"{name}":{int(process[key]) if key else 0}' for name, key in memory.items()]
    rest = (
        f'"LastGC":{int(process["last_collection"] * 1e9)},'
        f'"PauseTotalNs":{int(process["pause_seconds"] * 1e9)},'
        f'"PauseNs":[{zeros}],"PauseEnd":[{zeros}],"NumGC":{int(process["collections"])},"NumForcedGC":0,'
        f'"GCCPUFraction":0.001,"EnableGC":true,"DebugGC":false,"BySize":[{classes}]'
    )
    shown = ",".join(gojson.string(word) for word in command)
    return f'{{\n"cmdline": [{shown}],\n"memstats": {{{",".join(numbers)},{rest}}}\n}}\n'
