"""What tifffile makes of TIFF files: pixels of every series and level, and every tag but the bundle's own.

Reads a JSON list of paths on standard input, writes a JSON list of descriptions on standard output.
"""
import hashlib
import json
import sys
import warnings

import numpy
import tifffile

warnings.filterwarnings("ignore")
BUNDLE = 65519


def plain(value):
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value if isinstance(value, (int, float, str, bool)) or value is None else str(value)


def tags(page):
    return [[tag.code, int(tag.dtype), tag.count, plain(tag.value)] for tag in page.tags if tag.code != BUNDLE]


def describe(path):
    with tifffile.TiffFile(path) as tif:
        pages = [tags(page.aspage()) for page in tif.pages]
        series = []
        for one in tif.series:
            for level in one.levels:
                array = level.asarray()
                series.append([level.axes, list(array.shape), str(array.dtype), hashlib.sha256(numpy.ascontiguousarray(array).tobytes()).hexdigest()])
        return {"pages": pages, "series": series, "flags": sorted(str(flag) for flag in tif.flags)}


def safely(path):
    try:
        return describe(path)
    except Exception as error:  # what it cannot read before, it must not read otherwise after
        return {"error": type(error).__name__ + ": " + str(error)}


if len(sys.argv) > 1 and sys.argv[1] == "make":
    folder = sys.argv[2]
    rng = numpy.random.default_rng(7)
    image = (rng.random((96, 130)) * 60000).astype("uint16")
    stack = (rng.random((2, 3, 96, 130)) * 60000).astype("uint16")
    tifffile.imwrite(f"{folder}/plain.ome.tif", stack, metadata={"axes": "CZYX", "PhysicalSizeX": 0.2, "PhysicalSizeXUnit": "µm"}, photometric="minisblack", ome=True)
    with tifffile.TiffWriter(f"{folder}/pyramid.ome.tif", bigtiff=True) as writer:
        large = (rng.random((512, 512)) * 255).astype("uint8")
        options = dict(tile=(64, 64), photometric="minisblack", compression="zlib")
        writer.write(large, subifds=2, metadata={"axes": "YX"}, **options)
        writer.write(large[::2, ::2], subfiletype=1, **options)
        writer.write(large[::4, ::4], subfiletype=1, **options)
    tifffile.imwrite(f"{folder}/big-endian.btf", image, bigtiff=True, byteorder=">", photometric="minisblack")
    rgb = (rng.random((128, 160, 3)) * 255).astype("uint8")
    tifffile.imwrite(f"{folder}/jpeg-rgb.tif", rgb, photometric="rgb", compression="jpeg", tile=(64, 64))
    sys.exit()

if len(sys.argv) > 1 and sys.argv[1] == "version":
    print(tifffile.__version__)
    sys.exit()

json.dump([safely(path) for path in json.load(sys.stdin)], sys.stdout)
