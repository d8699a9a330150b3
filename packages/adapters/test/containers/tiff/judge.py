"""The judge: digests of what tifffile reads, laid out as docs/spec says; and the files that the tests are about.

usage: judge.py make FOLDER          writes test files with tifffile
       judge.py digest FILE...       prints {file: [{name, axes, shape, dtype, digest, content}]}
       judge.py array FILE            prints the first image's pixels, little-endian in digest axes, as base64
       judge.py metadata FILE...     prints {file: digest of all tags but ours, and of every page's pixels}
"""
import base64
import hashlib
import json
import os
import sys

import numpy
import tifffile

BAND = 256
NAMES = {
    'T': 't', 'C': 'c', 'Z': 'z', 'Y': 'y', 'X': 'x', 'R': 'position', 'I': 'plane', 'Q': 'plane', 'A': 'angle',
    'P': 'phase', 'H': 'lifetime', 'E': 'lambda', 'L': 'exposure', 'V': 'event', 'M': 'mosaic', 'S': 's',
}
RANK = {'position': 0, 't': 1, 'c': 3, 's': 4, 'z': 5, 'y': 6, 'x': 7}


def sha(*parts):
    run = hashlib.sha256()
    for part in parts:
        run.update(part)
    return run.digest()


def merkle(leaves):
    if not leaves:
        return sha()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha(b'\x01', merkle(leaves[:k]), merkle(leaves[k:]))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(',', ':')).encode()


def layout(array, axes):
    """The array in digest axes, and their names."""
    names = [NAMES[letter] for letter in axes]
    order = sorted(range(len(names)), key=lambda i: (RANK.get(names[i], 2), i))
    array = array.transpose(order)
    names = [names[i] for i in order]
    merged, shape = [], []
    for name, length in zip(names, array.shape):
        if merged and (name == merged[-1] == 'plane' or (name == 's' and merged[-1] == 'c')):
            shape[-1] *= length
        else:
            merged.append('c' if name == 's' else name)
            shape.append(length)
    kept = [i for i, n in enumerate(shape) if n != 1 or merged[i] in 'yx']
    merged, shape = [merged[i] for i in kept], [shape[i] for i in kept]
    return numpy.ascontiguousarray(array.reshape(shape)), merged


def stored(axes, shape):
    """The axes as asarray() has them, where channels and samples are not two."""
    names = [NAMES[letter] for letter, length in zip(axes, shape) if length != 1 or letter in 'YX']
    names = [name for i, name in enumerate(names) if i == 0 or name != 'plane' or names[i - 1] != 'plane']
    names = ['c' if name == 's' else name for name in names]
    return {} if names.count('c') > 1 else {'storedAxes': names}


def digests(array, axes):
    told = stored(axes, array.shape)
    array, names = layout(array, axes)
    little = array.astype(array.dtype.newbyteorder('<'), copy=False)
    *_, height, width = array.shape
    leaves, roots = [], []
    for plane in little.reshape(-1, height, width):
        own = [sha(b'\x00', plane[y:y + BAND].tobytes()) for y in range(0, height, BAND)]
        leaves += own
        roots.append(merkle(own).hex())
    form = {'axes': names, 'dtype': array.dtype.name, 'shape': list(array.shape)}
    digest = sha(canonical({**form, 'root': merkle(leaves).hex()})).hex()
    content = sha(canonical({'dtype': array.dtype.name, 'planes': sorted(roots), 'shape': [height, width]})).hex()
    return {**form, **told, 'digest': f'bims-pixels-1:{digest}', 'content': content}


def coded(series):
    """The digest over coded tiles."""
    leaves, roots = [], []
    with open(series.keyframe.parent.filehandle.path, 'rb') as file:
        for page in series.pages:
            own = [sha(b'\x00', page.jpegtables or b'')]
            for offset, count in zip(page.dataoffsets, page.databytecounts):
                file.seek(offset)
                own.append(sha(b'\x00', file.read(count)))
            leaves += own
            roots.append(merkle(own).hex())
    array, names = layout(series.asarray(), series.axes)
    form = {'axes': names, 'dtype': array.dtype.name, 'shape': list(array.shape)}
    digest = sha(canonical({**form, 'coding': 'jpeg', 'root': merkle(leaves).hex()})).hex()
    content = sha(canonical({'dtype': array.dtype.name, 'planes': sorted(roots), 'shape': list(array.shape[-2:])})).hex()
    return {**form, **stored(series.axes, series.shape), 'digest': f'bims-coded-1:{digest}', 'content': content}


def of_file(path):
    found = []
    with tifffile.TiffFile(path) as tif:
        for i, series in enumerate(tif.series):
            for j, level in enumerate(series.levels):
                result = coded(level) if level.keyframe.compression == 7 else digests(level.asarray(), level.axes)
                found.append({'name': f'{i}/{j}' if j else str(i), **result})
    return found


def metadata(path):
    """What must not change: every tag of every page but ours, and every page's pixels."""
    pages = []
    with tifffile.TiffFile(path) as tif:
        for page in tif.pages:
            for one in [page, *(page.pages or [])]:
                known = [(tag.code, int(tag.dtype), tag.count, sha(repr(tag.value).encode()).hex())
                         for tag in one.tags if tag.code != 65519]
                pages.append([known, sha(one.asarray().tobytes()).hex()])
        return {'pages': pages, 'series': [[series.axes, list(series.shape), series.kind] for series in tif.series]}


def make(folder):
    random = numpy.random.default_rng(3)

    def noise(shape, dtype='uint16'):
        if numpy.dtype(dtype).kind in 'fc':
            return random.normal(size=shape).astype(dtype)
        return random.integers(0, min(numpy.iinfo(dtype).max, 60000), shape).astype(dtype)

    def smooth(shape, dtype='uint16'):
        return (numpy.indices(shape).sum(axis=0) * 3).astype(dtype)

    def write(name, data, **options):
        tifffile.imwrite(os.path.join(folder, name), data, **options)

    write('plain.tif', noise((300, 200)))
    write('wide.tif', noise((3, 700)), rowsperstrip=1)
    write('stack.tif', noise((7, 64, 48)), metadata=None)
    write('shaped.tif', noise((2, 3, 64, 48)))
    write('shaped-axes.tif', noise((2, 3, 4, 32, 24)), metadata={'axes': 'TZCYX'})
    write('rgb.tif', noise((90, 80, 3), 'uint8'), photometric='rgb')
    write('rgb-stack.tif', noise((4, 90, 80, 3), 'uint8'), photometric='rgb', metadata={'axes': 'ZYXS'})
    write('rgb-planar.tif', noise((3, 90, 80), 'uint16'), photometric='rgb', planarconfig='separate')
    write('rgb-planar-tiled.tif', noise((3, 90, 80), 'uint16'), photometric='rgb', planarconfig='separate', tile=(32, 48))
    write('five-samples.tif', noise((40, 30, 5), 'uint16'), photometric='minisblack', planarconfig='contig')
    write('tiled-odd.tif', noise((301, 207)), tile=(64, 80))
    write('strips-7.tif', noise((301, 207)), rowsperstrip=7)
    write('miniswhite.tif', noise((30, 20), 'uint8'), photometric='miniswhite')
    write('palette.tif', noise((30, 20), 'uint8'), photometric='palette', colormap=noise((3, 256)))
    for order, mark in (('<', 'le'), ('>', 'be')):
        for dtype in ('uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64',
                      'float16', 'float32', 'float64', 'complex64', 'complex128'):
            write(f'{mark}-{dtype}.tif', noise((40, 30), dtype if dtype != 'int8' else 'int8'), byteorder=order)
        for coding in ('lzw', 'deflate', 'zstd', 'packbits', 'adobe_deflate'):
            write(f'{mark}-{coding}.tif', smooth((130, 70)), byteorder=order, compression=coding, rowsperstrip=16)
        for coding in ('lzw', 'deflate', 'zstd'):
            for dtype in ('uint8', 'uint16', 'uint32', 'uint64', 'int16'):
                write(f'{mark}-{coding}-2-{dtype}.tif', noise((130, 70), dtype), byteorder=order, compression=coding,
                      predictor=2, tile=(32, 48))
            for dtype in ('float16', 'float32', 'float64'):
                write(f'{mark}-{coding}-3-{dtype}.tif', noise((130, 70), dtype), byteorder=order, compression=coding,
                      predictor=3, rowsperstrip=16)
        write(f'{mark}-rgb-2.tif', noise((90, 80, 3), 'uint16'), byteorder=order, photometric='rgb', compression='lzw', predictor=2)
        write(f'{mark}-rgb-3.tif', noise((90, 80, 3), 'float32'), byteorder=order, photometric='rgb', compression='zstd', predictor=3)
        for bits in (2, 4, 10, 12, 14, 24):
            if bits <= 8:
                packed = (noise((33, 31), 'uint8') % (1 << bits)).astype('uint8')
            else:
                packed = (noise((33, 31), 'uint32') % (1 << bits)).astype('uint16' if bits <= 16 else 'uint32')
            # tifffile 2026.3.3 scrambles big-endian 24-bit samples when it writes them.
            if bits != 24 or order == '<':
                write(f'{mark}-{bits}-bit.tif', packed, byteorder=order, bitspersample=bits)
        write(f'{mark}-12-bit-rgb.tif', (noise((33, 31, 3)) % 4096).astype('uint16'), byteorder=order, bitspersample=12, photometric='rgb')
        write(f'{mark}-bilevel.tif', noise((33, 31), 'uint8') > 100, byteorder=order)
    write('bilevel-packbits.tif', noise((33, 31), 'uint8') > 100, compression='packbits')
    write('jpeg-rgb.tif', noise((200, 150, 3), 'uint8'), photometric='rgb', compression='jpeg', tile=(64, 64))
    write('jpeg-smooth.tif', smooth((200, 150, 3), 'uint8') // 3, photometric='rgb', compression='jpeg', tile=(64, 64))
    write('jpeg-gray.tif', smooth((200, 150), 'uint8'), photometric='minisblack', compression='jpeg', rowsperstrip=64)
    write('jpeg-stack.tif', noise((3, 100, 90), 'uint8'), photometric='minisblack', compression='jpeg', rowsperstrip=32, metadata=None)
    write('big-be.tif', noise((5, 70, 60)), bigtiff=True, byteorder='>', metadata=None)
    write('big-le-tiled.tif', noise((5, 70, 60)), bigtiff=True, tile=(32, 32), compression='zlib')
    write('ome.ome.tif', noise((2, 3, 4, 50, 40)), metadata={'axes': 'TCZYX'})
    write('ome-order.ome.tif', noise((2, 3, 4, 50, 40)), metadata={'axes': 'CZTYX'})
    write('ome-rgb.ome.tif', noise((3, 50, 40, 3), 'uint8'), photometric='rgb', metadata={'axes': 'ZYXS'})
    write('ome-channels-rgb.ome.tif', noise((2, 3, 50, 40, 3), 'uint8'), photometric='rgb', metadata={'axes': 'CZYXS'})
    write('ome-planar.ome.tif', noise((4, 3, 50, 40), 'uint8'), photometric='rgb', planarconfig='separate', metadata={'axes': 'ZSYX'})
    write('imagej.tif', noise((2, 3, 4, 50, 40)), imagej=True, metadata={'axes': 'TZCYX'})
    write('imagej-stack.tif', noise((9, 50, 40), 'uint8'), imagej=True)
    write('imagej-rgb.tif', noise((5, 50, 40, 3), 'uint8'), imagej=True, photometric='rgb')
    write('imagej-one.tif', noise((50, 40), 'float32'), imagej=True)
    write('imagej-virtual.tif', noise((2, 3, 4, 50, 40)), imagej=True, metadata={'axes': 'TZCYX', 'truncate': True})
    write('truncated.tif', noise((6, 50, 40)), metadata={'axes': 'ZYX', 'truncate': True})
    with tifffile.TiffWriter(os.path.join(folder, 'several.ome.tif')) as tif:
        tif.write(noise((2, 50, 40)), metadata={'axes': 'ZYX'})
        tif.write(noise((3, 30, 20), 'uint8'), photometric='minisblack', metadata={'axes': 'CYX'})
    with tifffile.TiffWriter(os.path.join(folder, 'several.tif')) as tif:
        tif.write(noise((2, 50, 40)))
        tif.write(noise((3, 30, 20), 'uint8'), photometric='minisblack')
    with tifffile.TiffWriter(os.path.join(folder, 'several-plain.tif')) as tif:
        for _ in range(2):
            tif.write(noise((50, 40)), metadata=None)
            tif.write(noise((33, 20), 'uint8'), metadata=None)
    for name, ome in (('pyramid.ome.tif', True), ('pyramid.tif', False)):
        with tifffile.TiffWriter(os.path.join(folder, name), ome=ome, bigtiff=ome) as tif:
            data = noise((3, 256, 192))
            options = {'tile': (64, 64), 'photometric': 'minisblack', 'metadata': {'axes': 'CYX'}}
            tif.write(data, subifds=2, **options)
            tif.write(data[:, ::2, ::2], subfiletype=1, **options)
            tif.write(data[:, ::4, ::4], subfiletype=1, **options)
    with tifffile.TiffWriter(os.path.join(folder, 'overviews.tif')) as tif:
        data = noise((256, 192), 'uint8')
        tif.write(data, tile=(64, 64), metadata=None)
        tif.write(data[::2, ::2], tile=(64, 64), subfiletype=1, metadata=None)
        tif.write(data[::4, ::4], tile=(64, 64), subfiletype=1, metadata=None)


if __name__ == '__main__':
    command, *paths = sys.argv[1:]
    if command == 'make':
        make(paths[0])
    elif command == 'array':
        with tifffile.TiffFile(paths[0]) as tif:
            print(base64.b64encode(layout(tif.series[0].asarray(), tif.series[0].axes)[0].tobytes()).decode())
    else:
        print(json.dumps({path: (of_file if command == 'digest' else metadata)(path) for path in paths}))
