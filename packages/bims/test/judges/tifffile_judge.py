"""What tifffile makes of TIFF files, and the files that are made with it.

    tifffile_judge.py version
    tifffile_judge.py make FOLDER             the files of formats that no sample covers
    tifffile_judge.py change sample|tag FILE  one byte of the first plane, or the first description
    tifffile_judge.py judge                   a JSON list of paths on standard input → a JSON list of descriptions
"""
import hashlib
import json
import platform
import sys
import warnings

import imagecodecs
import numpy
import tifffile

warnings.filterwarnings("ignore")
BUNDLE = 65519


def plain(value):
    """A value as JSON that tells any two apart; floats by their shortest text, for NaN is no JSON."""
    if isinstance(value, bytes):
        return "bytes " + hashlib.sha256(value).hexdigest()
    if isinstance(value, numpy.ndarray):
        return [str(value.dtype), list(value.shape), hashlib.sha256(numpy.ascontiguousarray(value).tobytes()).hexdigest()]
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    return repr(value)


def directory(page):
    """Every tag but the bundle's, in the order of the file with repeats; and of the levels that hang on it."""
    return {
        "tags": [[tag.code, int(tag.dtype), tag.count, plain(tag.value)] for tag in page.tags if tag.code != BUNDLE],
        "below": [directory(level.aspage()) for level in page.pages] if page.subifds else [],
    }


def described(path):
    with tifffile.TiffFile(path) as tif:
        series = [
            [one.kind, one.name, level.axes, list(level.shape), str(level.dtype), plain(level.asarray())]
            for one in tif.series
            for level in one.levels
        ]
        return {
            "directories": [directory(page.aspage()) for page in tif.pages],
            "series": series,
            "flags": sorted(str(flag) for flag in tif.flags),
            "metadata": {
                name: plain(getattr(tif, name))
                for name in ("ome_metadata", "imagej_metadata", "micromanager_metadata", "fei_metadata", "sem_metadata", "sis_metadata")
            },
        }


def said(path):
    try:
        return {"said": described(path)}
    except Exception as error:  # What it refuses before, it has to refuse in the same words after.
        return {"refused": type(error).__name__ + ": " + str(error)}


def make(folder):
    random = numpy.random.default_rng(7)
    stack = random.integers(0, 60000, (2, 3, 96, 130), "uint16")
    tifffile.imwrite(
        f"{folder}/plain.ome.tif",
        stack,
        ome=True,
        photometric="minisblack",
        metadata={"axes": "CZYX", "PhysicalSizeX": 0.2, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.2, "PhysicalSizeYUnit": "µm"},
    )
    large = random.integers(0, 255, (512, 512), "uint8")
    options = dict(tile=(64, 64), photometric="minisblack", compression="zlib")
    with tifffile.TiffWriter(f"{folder}/pyramid.ome.tif", ome=True) as writer:
        writer.write(large, subifds=2, metadata={"axes": "YX"}, **options)
        writer.write(large[::2, ::2], subfiletype=1, **options)
        writer.write(large[::4, ::4], subfiletype=1, **options)
    tifffile.imwrite(f"{folder}/big-endian.btf", stack[0], bigtiff=True, byteorder=">", photometric="minisblack")
    # Smooth, as photographs are: noise would be the one thing that JPEG cannot hold.
    y, x = numpy.mgrid[0:128, 0:160]
    rgb = numpy.stack([y * 1.5, x * 1.2, (x + y) * 0.8], -1).astype("uint8")
    tifffile.imwrite(f"{folder}/jpeg-rgb.tif", rgb, photometric="rgb", compression="jpeg", tile=(64, 64))


def change(what, path):
    with tifffile.TiffFile(path, mode="r+b") as tif:
        page = tif.pages[0]
        if what == "tag":
            page.tags[270].overwrite(page.tags[270].value.replace("tifffile", "somebody").encode())
            return
        at = page.dataoffsets[0]
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


command = sys.argv[1]
if command == "version":
    print(f"tifffile {tifffile.__version__}, imagecodecs {imagecodecs.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}")
elif command == "make":
    make(sys.argv[2])
elif command == "change":
    change(sys.argv[2], sys.argv[3])
else:
    json.dump([said(path) for path in json.load(sys.stdin)], sys.stdout)
