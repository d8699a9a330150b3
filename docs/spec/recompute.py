#!/usr/bin/env python3
"""Recomputes ids, digests and proofs from the specification in this folder alone.

    python3 docs/spec/recompute.py docs/spec/vectors     all golden vectors (standard library only)
    python3 docs/spec/recompute.py FILE.tif              a saved image (needs tifffile and numpy)

Prints a table; exits 1 where anything differs, 2 where the file carries no bundle.
"""
import base64
import hashlib
import json
import math
import os
import re
import struct
import sys
import zlib


# --- values.md, ids.md: the canonical form (RFC 8785) and ids ------------------------------------------------------

def number(x):
    """A double as ECMAScript writes it: the shortest digits that round-trip, an exponent below 1e-6 and from 1e21."""
    if x == 0:
        return '0'
    sign, x = ('-', -x) if x < 0 else ('', x)
    mantissa, _, exponent = ('%r' % x).partition('e')
    whole, _, fraction = mantissa.partition('.')
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)  # the decimal point stands behind this many digits
    stripped = digits.lstrip('0')
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip('0')
    n = len(digits)
    if n <= point <= 21:
        text = digits + '0' * (point - n)
    elif 0 < point <= 21:
        text = digits[:point] + '.' + digits[point:]
    elif -6 < point <= 0:
        text = '0.' + '0' * -point + digits
    else:
        e = point - 1
        text = digits[0] + ('.' + digits[1:] if n > 1 else '') + 'e' + ('+' if e > 0 else '-') + str(abs(e))
    return sign + text


SHORT = {'"': '\\"', '\\': '\\\\', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r'}


def quoted(text):
    return '"' + re.sub(r'["\\\x00-\x1f]', lambda m: SHORT.get(m[0]) or '\\u%04x' % ord(m[0]), text) + '"'


def canonical(value):
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (int, float)):
        return number(float(value))
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return '[' + ','.join(map(canonical, value)) + ']'
    names = sorted(value, key=lambda name: name.encode('utf-16-be', 'surrogatepass'))
    return '{' + ','.join(quoted(name) + ':' + canonical(value[name]) for name in names) + '}'


def octets(value):
    return canonical(value).encode('utf-8')


def hex256(*parts):
    return hashlib.sha256(b''.join(parts)).hexdigest()


def identifier(data):
    return 'sha256:' + hex256(data)


# --- values.md: the value domain -----------------------------------------------------------------------------------

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError('not the one form of base64')
    return data


def is_float_text(text):
    return text in ('NaN', 'Infinity', '-Infinity', '-0') or number(float(text)) == text


def check_typed(kind, text):
    if kind in ('int64', 'uint64'):
        low, high = (-2**63, 2**63) if kind == 'int64' else (0, 2**64)
        return re.fullmatch(r'0|-?[1-9][0-9]{0,19}', text) and low <= int(text) < high
    if kind == 'float64':
        return text in ('NaN', 'Infinity', '-Infinity', '-0')
    if kind == 'complex128':
        return len(text.split(',')) == 2 and all(map(is_float_text, text.split(',')))
    return kind == 'bytes' and unbase64(text) is not None


def check_domain(value, depth=0):
    if isinstance(value, (dict, list)) and depth >= 64:
        raise ValueError('nested deeper than 64 levels')
    if isinstance(value, float) and (not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)):
        raise ValueError('a number outside of the domain')
    if isinstance(value, str):
        value.encode('utf-8')  # fails on lone surrogates
    if isinstance(value, list):
        for child in value:
            check_domain(child, depth + 1)
    if isinstance(value, dict):
        reserved = [name for name in value if name.startswith('$')]
        if reserved == ['$type']:
            if not check_typed(value['$type'], value['text']):
                raise ValueError('not a typed value')
        elif reserved == ['$withheld']:
            if len(value) != 1 or not re.fullmatch('sha256:[0-9a-f]{64}', value['$withheld']):
                raise ValueError('not a withheld value')
        elif reserved:
            raise ValueError('a reserved name')
        for name, child in value.items():
            check_domain(name, depth + 1)
            check_domain(child, depth + 1)


def parse(data):
    """Bytes that must be their own canonical form; a ValueError otherwise."""
    value = json.loads(data.decode('utf-8'), parse_int=float)
    check_domain(value)
    if octets(value) != data:
        raise ValueError('not canonical')
    return value


# --- merkle.md -------------------------------------------------------------------------------------------------------

def leaf(*data):
    return hashlib.sha256(b'\0' + b''.join(data)).digest()


def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()


def split(n):
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b'').digest()
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def root_of_proof(hash_, index, size, path):
    """RFC 9162, section 2.1.3.2."""
    last = size - 1
    for sibling in path:
        if last == 0:
            raise ValueError('the path is too long')
        if index & 1 or index == last:
            hash_ = node(sibling, hash_)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            hash_ = node(hash_, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError('the path is too short')
    return hash_


# --- attachments.md, values.md -----------------------------------------------------------------------------------------

def attachment_digest(salt, data):
    return 'sha256:' + hex256(b'\3', salt, data)


def withheld(salt, value):
    return 'sha256:' + hex256(b'\2', salt, octets(value))


# --- pixel-digest.md -----------------------------------------------------------------------------------------------------

SIZES = {'bool': 1, 'uint8': 1, 'int8': 1, 'uint16': 2, 'int16': 2, 'uint32': 4, 'int32': 4, 'uint64': 8, 'int64': 8,
         'float16': 2, 'float32': 4, 'float64': 8, 'complex64': 8, 'complex128': 16}


def content_key(dtype, roots, shape):
    return hex256(octets({'dtype': dtype, 'planes': sorted(one.hex() for one in roots), 'shape': list(shape)}))


def pixel_digests(axes, shape, dtype, data):
    """Digest and content key of samples: little-endian, in the order of the axes, the last two being y and x."""
    rows, columns = shape[-2:]
    row = columns * SIZES[dtype]
    plane = rows * row
    leaves, roots = [], []
    for start in range(0, len(data), plane):
        own = [leaf(data[start + at * row:start + min(at + 256, rows) * row]) for at in range(0, rows, 256)]
        leaves += own
        roots.append(root(own))
    kept = [i for i, axis in enumerate(axes) if shape[i] != 1 or axis in ('y', 'x')]
    form = {'axes': [axes[i] for i in kept], 'dtype': dtype, 'root': root(leaves).hex(), 'shape': [shape[i] for i in kept]}
    return 'bims-pixels-1:' + hex256(octets(form)), content_key(dtype, roots, (rows, columns))


def coded_digests(axes, shape, dtype, coding, plane_shape, directories):
    """Digest and content key over directories of (tables, tiles)."""
    lists = [[leaf(tables)] + [leaf(tile) for tile in tiles] for tables, tiles in directories]
    form = {'axes': axes, 'coding': coding, 'dtype': dtype, 'root': root(sum(lists, [])).hex(), 'shape': list(shape)}
    return 'bims-coded-1:' + hex256(octets(form)), content_key(dtype, [root(one) for one in lists], plane_shape)


# --- macro.md --------------------------------------------------------------------------------------------------------------

def slice_of(log, output):
    """Value, kept and dropped steps, inputs."""
    value = next((one['value'] for one in log['outputs'] if one['name'] == output), None)
    for made in [one['value'] for one in log['inputs']] + [w['value'] for s in log['steps'] for w in s['writes']]:
        if all(one['name'] != output for one in log['outputs']) and re.fullmatch(re.escape(output) + '@[0-9]+', made):
            value = made
    wanted, kept = {value}, []
    for step in reversed(log['steps']):
        if any(one['value'] in wanted for one in step['writes']):
            kept.insert(0, int(step['index']))
            wanted |= {one['value'] for one in step['reads']}
    names = {one.rpartition('@')[0] for one in wanted}
    undone = {step['reverts'] for step in log['steps'] if 'reverts' in step}
    dropped = []
    for step in log['steps']:
        if step['index'] in kept:
            continue
        writes = [one['value'] for one in step['writes']]
        if 'reverts' in step or step['index'] in undone:
            reason = 'undone'
        elif writes and all(re.match('(display|active|preference):', one) for one in writes):
            reason = 'display-only'
        else:
            reason = 'overwritten' if any(one.rpartition('@')[0] in names for one in writes) else 'unrelated'
        dropped.append({'step': step['index'], 'reason': reason})
    return value, kept, dropped, [one['name'] for one in log['inputs'] if one['value'] in wanted]


def redact(leaves, salts, kept, start=0):
    """The redaction tree over leaves of steps `start`, `start` + 1 …"""
    n = len(leaves)
    if n and not any(start <= index < start + n for index in kept):
        return [{'from': start, 'count': n, 'hash': root(leaves).hex()}]
    if n < 2:
        return [{'step': start, 'salt': base64.b64encode(salts[start]).decode()}] if n else []
    k = split(n)
    return redact(leaves[:k], salts, kept, start) + redact(leaves[k:], salts, kept, start + k)


def redaction_root(size, tree, steps):
    """The root that a redaction tree leads to, hex; a ValueError where it does not fit the kept steps."""
    entries, by_index = iter(tree), {int(step['index']): step for step in steps}
    order = [step['index'] for step in steps]
    if order != sorted(set(order)) or len(order) != sum('step' in entry for entry in tree):
        raise ValueError('other steps than leaves')

    def visit(start, count, entry):
        """Hash, whether one entry stands for it, and the next entry."""
        if entry is None:
            raise ValueError('nothing covers step %d' % start)
        if (entry.get('from'), entry.get('count')) == (start, count):
            return bytes.fromhex(entry['hash']), True, next(entries, None)
        if count == 1:
            salt = unbase64(entry['salt'])
            if entry['step'] != start or len(salt) != 16:
                raise ValueError('another step than %d' % start)
            return leaf(salt, octets(by_index[start])), False, next(entries, None)
        k = split(count)
        left, left_removed, entry = visit(start, k, entry)
        right, right_removed, entry = visit(start + k, count - k, entry)
        if left_removed and right_removed:
            raise ValueError('two entries for one subtree')
        return node(left, right), False, entry

    if size == 0:
        return root([]).hex()
    hash_, _, rest = visit(0, int(size), next(entries, None))
    if rest is not None:
        raise ValueError('more entries than steps')
    return hash_.hex()


# --- manifest-bundle.md ------------------------------------------------------------------------------------------------------

KINDS = {'bims.instrument/1': 'instrument', 'bims.acquisition/1': 'acquisition', 'bims.macro/1': 'macro', 'bims.manifest/1': 'image'}


def signed(kind, data):
    """DSSE's pre-authentication encoding."""
    kind = ('application/vnd.bims.%s+json' % kind).encode()
    return b'DSSEv1 %d %s %d %s' % (len(kind), kind, len(data), data)


def attachments_of(node_):
    if isinstance(node_, dict) and {'name', 'mediaType', 'size', 'digest'} <= set(node_):
        return [node_]
    children = node_.values() if isinstance(node_, dict) else node_ if isinstance(node_, list) else []
    return [found for child in children for found in attachments_of(child)]


# --- ledger.md ---------------------------------------------------------------------------------------------------------------

LEDGER_KINDS = {**KINDS, 'bims.share/1': 'share', 'bims.supersede/1': 'supersede', 'bims.withdraw/1': 'withdraw'}
TERM_TYPES = ['id', 'image', 'source', 'reference']
NAMES = {
    'acquisition': [('instrument', 'instrument')],
    'image': [('acquisitions.*', 'reference'), ('macro', 'reference'), ('sources.*.manifest', 'source'),
              ('sources.*.content', 'source'), ('replayOf.manifest', 'reference'), ('images.*.content', 'image'),
              ('images.*.digest', 'image')],
    'supersede': [('target', 'reference'), ('replacement', 'reference')],
    'withdraw': [('target', 'reference')], 'share': [('target', 'reference')]}
PUBLIC, CHUNK = '', 1 << 20


def key(*parts):
    return '\0' + ''.join(part + '\0' for part in parts)


def members_at(value, path):
    if not path:
        return [value]
    if path[0] == '*':
        return [found for one in value for found in members_at(one, path[1:])] if isinstance(value, list) else []
    return members_at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def names_of(record):
    """What a record names: pairs of role and text."""
    places = NAMES.get(LEDGER_KINDS[record['schema']], [])
    return [(role, text) for path, role in places for text in members_at(record, path.split('.'))]


def terms_of(data):
    named = [name for name in names_of(parse(data)) if name[0] != 'instrument']
    return list(dict.fromkeys([('id', identifier(data))] + named))


def term_hash(kind, text):
    own = bytearray(bytes.fromhex(text[-64:])[:8])
    own[7] ^= TERM_TYPES.index(kind)
    return bytes(own)


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def pack_run(postings):
    """Postings (hash, transaction, place) as one value."""
    postings = sorted(set(postings))
    ids = sorted({transaction for _, transaction, _ in postings})
    return (varint(len(ids)) + b''.join(map(bytes.fromhex, ids)) + varint(len(postings)) +
            b''.join(hash_ + varint(ids.index(transaction)) + varint(at) for hash_, transaction, at in postings))


def unpack_run(data):
    def take_varint():
        nonlocal data
        n, shift = 0, 0
        while True:
            byte, data = data[0], data[1:]
            n, shift = n | (byte & 127) << shift, shift + 7
            if byte < 128:
                return n

    def take(length):
        nonlocal data
        part, data = data[:length], data[length:]
        return part

    ids = [take(32).hex() for _ in range(take_varint())]
    postings = [(take(8), ids[take_varint()], take_varint()) for _ in range(take_varint())]
    if data:
        raise ValueError('bytes behind the postings')
    return postings


def run_writes(level, postings, transaction):
    buckets = {}
    for posting in postings:
        buckets.setdefault(posting[0].hex()[:level + 1], []).append(posting)
    return {key('run', str(level), bucket, transaction): pack_run(found) for bucket, found in buckets.items()}


def page_of(data):
    page = zlib.decompress(data)
    if not page.endswith(b'\n'):
        raise ValueError('a page that does not end with a line feed')
    return page[:-1].split(b'\n')


def grouped(pairs):
    groups = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def collection_writes(call, contents, who, shared, listed):
    """What keeps records in a private collection."""
    writes, ids = {}, grouped((LEDGER_KINDS[parse(data)['schema']], identifier(data)) for data in contents)
    for data in contents:
        schema = parse(data)['schema']
        stored = {'kind': LEDGER_KINDS[schema], 'schema': schema, 'time': call['time'], 'transaction': call['id']}
        writes[key('record', identifier(data))] = data
        writes[key('submission', identifier(data), call['caller']['mspId'], who)] = octets({**stored, **({'shared': True} if shared else {})})
    for kind, found in ids.items() if listed else ():
        writes[key('log', kind, call['caller']['mspId'], call['time'], call['id'])] = octets({'enrollmentId': who, 'ids': found})
    return writes


def public_writes(call, argument, contents):
    caller, transaction, time = call['caller'], call['id'], call['time']
    places = {data: at for at, data in reversed(list(enumerate(contents)))}
    kept = sorted(places.items(), key=lambda place: place[1])
    writes = {
        key('page', transaction): unbase64(call['transient']['page']),
        key('transaction', transaction): octets({'enrollmentId': caller['enrollmentId'], 'mspId': caller['mspId'],
                                                 'records': len(contents), 'time': time})}
    for kind, at in grouped((LEDGER_KINDS[parse(data)['schema']], at) for data, at in kept).items():
        writes[key('log', kind, caller['mspId'], time, transaction)] = octets({'at': at})
    acquired = [(text, at) for data, at in kept for role, text in names_of(parse(data)) if role == 'instrument']
    for instrument, at in grouped(acquired).items():
        writes[key('acquired', instrument, time, transaction)] = octets({'at': at})
    postings = [(term, at) for data, at in kept for term in terms_of(data)]
    if len(postings) <= 16:
        for term, at in grouped(postings).items():
            writes[key('entry', *term, transaction)] = octets({'at': at})
    else:
        writes.update(run_writes(0, [(term_hash(*term), transaction, at) for term, at in postings], transaction))
    for data, _ in kept:
        record = parse(data)
        if LEDGER_KINDS[record['schema']] in ('supersede', 'withdraw'):
            meant = record.get('submission', caller)
            value = {'by': {'enrollmentId': caller['enrollmentId'], 'mspId': caller['mspId'], 'transaction': transaction}}
            if 'replacement' in record:
                value['replacement'] = record['replacement']
            writes[key('mark', record['target'], meant['mspId'], meant['enrollmentId'],
                       LEDGER_KINDS[record['schema']], identifier(data))] = octets(value)
    return writes


def purged(argument):
    writes = {key('record', id_): None for id_ in argument.get('records', [])}
    for one in argument.get('submissions', []):
        writes[key('submission', one['id'], one['mspId'], one['enrollmentId'])] = None
    for one in argument.get('attachments', []):
        writes[key('attachment', one['digest'], one['enrollmentId'])] = None
        for n in range(int(one['chunks'])):
            writes[key('chunk', one['digest'], one['enrollmentId'], str(n))] = None
    return writes


def restricted_collection(msp_id):
    return 'restricted_' + ''.join(
        chr(byte) if re.fullmatch('[A-Za-z0-9-]', chr(byte)) else '_%02x' % byte for byte in msp_id.encode())


def collection_config(msp_id):
    return {
        'name': restricted_collection(msp_id), 'policy': "OR('%s.member')" % msp_id,
        'requiredPeerCount': 0, 'maxPeerCount': 3, 'blockToLive': 0, 'memberOnlyRead': True, 'memberOnlyWrite': False,
        'endorsementPolicy': {'signaturePolicy': "OR('%s.peer')" % msp_id}}


def writes_of(call, state):
    """What a call writes, by collection (PUBLIC: the public state), and its answer."""
    argument, caller, transaction = json.loads(call['argument']), call['caller'], call['id']
    answer = {'transaction': transaction}
    if call['transaction'] == 'Merge':
        names = [key('run', str(argument['level']), argument['bucket'], run) for run in argument['runs']]
        postings = [posting for name in names for posting in unpack_run(state[PUBLIC][name])]
        written = run_writes(min(argument['level'] + 1, 4), postings, transaction)
        return {PUBLIC: {**{name: None for name in names}, **written}}, {**answer, 'merged': len(names), 'written': len(written)}
    own = restricted_collection(argument.get('owner', caller['mspId']))
    if call['transaction'] == 'Purge':
        return {own: purged(argument)}, {**answer, 'keys': len(purged(argument))}
    if call['transaction'] == 'Attach':
        digest, who, first, count = argument['digest'], caller['enrollmentId'], argument['first'], argument['count']
        writes = {key('chunk', digest, who, str(n)): unbase64(call['transient']['chunk/%d' % n]) for n in range(first, first + count)}
        if first == 0:
            header = unbase64(call['transient']['header'])
            writes[key('attachment', digest, who)] = header
            if argument['chunks'] == count and attachment_digest(unbase64(parse(header)['salt']), b''.join(list(writes.values())[:count])) != digest:
                raise ValueError('another digest')
        return {own: writes}, {**answer, 'chunks': count}
    contents = page_of(unbase64(call['transient']['page']))
    if [identifier(data) for data in contents] != [ref['id'] for ref in argument['records']]:
        raise ValueError('other records than named')
    answer['records'] = len(contents)
    if call['transaction'] == 'Share':
        targets = page_of(unbase64(call['transient']['targets']))
        writes = collection_writes(call, targets, argument.get('enrollmentId', caller['enrollmentId']), True, False)
        writes.update(collection_writes(call, contents, caller['enrollmentId'], True, True))
        return {restricted_collection(argument['receiver']): writes}, answer
    if 'restricted' in argument:
        return {own: collection_writes(call, contents, caller['enrollmentId'], False, True)}, answer
    return {PUBLIC: public_writes(call, argument, contents)}, answer


def find_all(state, kind, text):
    """All records with a term, by reading every page: transaction and place."""
    found = []
    for name in sorted(state[PUBLIC]):
        parts = name.split('\0')
        if parts[1] == 'page':
            found += [(parts[2], at) for at, data in enumerate(page_of(state[PUBLIC][name])) if (kind, text) in terms_of(data)]
    return found


def check_question(table, state, question):
    argument, response = json.loads(question['argument']), json.loads(question['response'])
    what = '%s %s' % (question['transaction'], question['argument'])
    if question['transaction'] == 'Attest':
        page = page_of(state[PUBLIC][key('page', argument['transaction'])])
        table.equal(what, argument['id'] in map(identifier, page), True)
        table.equal(what, response, {'channel': response['channel'], 'id': argument['id'], 'type': 'bims.attest/1'})
    if question['transaction'] == 'Runs':
        runs = [name.split('\0')[2:] for name in sorted(state[PUBLIC]) if name.startswith(key('run', str(argument['level'])))]
        found = [(str(argument['level']), bucket['bucket'], run['transaction']) for bucket in response['buckets'] for run in bucket['runs']]
        table.equal(what, [tuple(run[:3]) for run in runs], found)
    if question['transaction'] == 'Read':
        table.equal(what, identifier(response['content'].encode('utf-8')), argument['id'])
    for kind in TERM_TYPES[1:]:
        if question['transaction'] == 'Find' and kind in argument:
            found = [(one['submission']['transaction'], one['at']) for one in response['records']]
            table.equal(what, find_all(state, kind, argument[kind])[:int(argument.get('pageSize', 100))], found)


def check_ledger(table, vectors):
    state = {}
    for i, call in enumerate(vectors['calls']):
        recorded = {PUBLIC: {one['key']: one['value'] and unbase64(one['value']) for one in call['writes']}}
        for one in call['privateWrites']:
            recorded.setdefault(one['collection'], {})[one['key']] = one['value'] and unbase64(one['value'])
        what = '%s %s' % (call['transaction'], call['id'][:4])
        table.attempt('writes of ' + what, lambda: {**{PUBLIC: {}}, **writes_of(call, state)[0]}, recorded)
        table.attempt('answer of ' + what, lambda: canonical(writes_of(call, state)[1]), call['response'])
        for collection, writes in recorded.items():
            held = state.setdefault(collection, {})
            held.update(writes)
            state[collection] = {name: value for name, value in held.items() if value is not None}
        for question in vectors['questions']:
            if question['after'] == i + 1:
                check_question(table, state, question)
    for one in vectors['collections']:
        table.equal('collection of ' + one['mspId'], restricted_collection(one['mspId']), one['name'])
    for one in vectors['collectionsConfig']:
        owner = one['policy'][4:-9]
        table.equal('definition of ' + one['name'], collection_config(owner), one)
    for term in vectors['terms']:
        table.equal('hash of a term', term_hash(term['type'], term['text']).hex(), term['hash'])


class Table:
    def __init__(self):
        self.count, self.wrong = 0, 0

    def equal(self, what, found, recorded):
        same = found == recorded
        self.count += 1
        self.wrong += not same
        if not same or self.verbose:
            print('%-5s %-58s %s' % ('equal' if same else 'WRONG', what[:58], str(found)[:60]))
            if not same:
                print('      %-58s %s' % ('  recorded', str(recorded)[:60]))

    def attempt(self, what, compute, recorded):
        try:
            self.equal(what, compute(), recorded)
        except Exception as error:  # hostile input may fail in any way
            self.equal(what, '%s: %s' % (type(error).__name__, error), recorded)

    verbose = True


def check_bundle(table, bundle, in_file):
    """Everything of a bundle but its pixels and signatures."""
    manifest = bundle['manifest']
    whole = [record for record in bundle['records'] if isinstance(record, dict)]
    by_id = {identifier(octets(record)): record for record in whole}
    ids = [record if isinstance(record, str) else identifier(octets(record)) for record in bundle['records']]
    table.equal('records are sorted, each once', ids, sorted(set(ids)))
    print('      manifest %s' % identifier(octets(manifest)))
    for id_, record in by_id.items():
        print('      %s %s' % (KINDS[record['schema']], id_))
    for id_ in manifest['acquisitions'] + ([manifest['macro']] if 'macro' in manifest else []):
        table.equal('named by the manifest: %s…' % id_[:24], id_ in ids, True)
    known = {entry['digest']: entry for entry in bundle['attachments']}
    lists = {}

    def listed(value):
        """A list that stands in its record or in an attachment."""
        return value if isinstance(value, list) else lists[value['attachment']['digest']]

    def check_attachment(attachment):
        entry = known.get(attachment['digest'])
        if entry is None:
            return print('      attachment %s is not here' % attachment['name'])
        data = unbase64(entry['bytes']) if 'bytes' in entry else in_file(attachment['at'])
        salt = unbase64(entry['salt'])
        table.equal('attachment %s' % attachment['name'], attachment_digest(salt, data), attachment['digest'])
        table.equal('attachment %s: salt, size' % attachment['name'], (len(salt), len(data)), (16, attachment['size']))
        if attachment['mediaType'] == 'application/json' and 'bytes' in entry:
            lists[attachment['digest']] = parse(data)
            for inner in attachments_of(lists[attachment['digest']]):
                check_attachment(inner)

    for attachment in attachments_of([manifest] + whole):
        check_attachment(attachment)
    for opening in bundle['openings']:
        table.equal('opening of %s…' % opening['withheld'][:24], withheld(unbase64(opening['salt']), opening['value']), opening['withheld'])
    macro = by_id.get(manifest.get('macro'))
    if macro:
        tree, steps = macro['redaction']['tree'], macro['steps']
        table.attempt('redaction of %d steps' % macro['head']['size'],
                      lambda: redaction_root(macro['head']['size'], listed(tree), listed(steps)), macro['head']['root'])
    return listed(manifest['images'])


# --- the golden vectors --------------------------------------------------------------------------------------------------------

def refused(text):
    try:
        parse(text.encode('utf-8', 'surrogatepass'))
        return False
    except (ValueError, KeyError, TypeError, RecursionError):
        return True


def check_vectors(table, folder):
    def read(name):
        with open(os.path.join(folder, name), 'rb') as file:
            return file.read()

    def vectors(name):
        return json.loads(read(name + '.json'))

    table.verbose = False
    counts = {}

    def section(name):
        counts[name] = table.count - sum(counts.values())

    for case in vectors('canonical')['values']:
        value = json.loads(case['json'], parse_int=float)
        table.equal('canonical form of ' + case['json'], canonical(value), case['canonical'])
        table.equal('id of ' + case['json'], identifier(octets(value)), case['id'])
    for case in vectors('canonical')['numbers']:
        table.equal('number ' + case['bits'], number(struct.unpack('>d', bytes.fromhex(case['bits']))[0]), case['text'])
    for case in vectors('canonical')['refused']:
        table.equal('refused: ' + case['json'], refused(case['json']), True)
    section('canonical')
    for value in vectors('values')['typed']:
        table.attempt('typed value', lambda: parse(octets(value)), value)
    for case in vectors('values')['withheld']:
        table.equal('withheld value', withheld(unbase64(case['salt']), case['value']), case['$withheld'])
    section('values')
    for case in vectors('attachments')['attachments']:
        data = unbase64(case['bytes'])
        table.equal('attachment', (len(data), attachment_digest(unbase64(case['salt']), data)), (case['size'], case['digest']))
    section('attachments')
    for case in vectors('merkle')['trees']:
        leaves = [leaf(bytes.fromhex(one)) for one in case['leaves']]
        table.equal('leaves', [one.hex() for one in leaves], case['leafHashes'])
        table.equal('root of %d leaves' % len(leaves), root(leaves).hex(), case['root'])
        for proof in case['proofs']:
            path = [bytes.fromhex(one) for one in proof['path']]
            table.attempt('path of leaf %d of %d' % (proof['index'], len(leaves)),
                          lambda: root_of_proof(leaves[proof['index']], proof['index'], len(leaves), path).hex(), case['root'])
    section('merkle')
    for case in vectors('pixels')['pixels']:
        found = pixel_digests(case['axes'], case['shape'], case['dtype'], unbase64(case['bytes']))
        table.equal('pixels: ' + case['name'], found, (case['digest'], case['content']))
    for case in vectors('pixels')['coded']:
        directories = [(unbase64(one['tables']), [unbase64(tile) for tile in one['tiles']]) for one in case['directories']]
        found = coded_digests(case['axes'], case['shape'], case['dtype'], case['coding'], case['planeShape'], directories)
        table.equal('coded: ' + case['coding'], found, (case['digest'], case['content']))
    section('pixels')
    for case in vectors('macros')['macros']:
        value, kept, dropped, inputs = slice_of(case['log'], case['output'])
        table.equal('slice for ' + case['output'], (value, kept, dropped, inputs), (case['value'], case['kept'], case['dropped'], case['inputs']))
        salts = [unbase64(salt) for salt in case['salts']]
        leaves = [leaf(salt, octets(step)) for salt, step in zip(salts, case['log']['steps'])]
        table.equal('root of the log', root(leaves).hex(), case['head']['root'])
        table.equal('redaction tree', redact(leaves, salts, kept), case['tree'])
        steps = [step for step in case['log']['steps'] if step['index'] in kept]
        table.attempt('redaction', lambda: redaction_root(case['head']['size'], case['tree'], steps), case['head']['root'])
    section('macros')
    for case in vectors('records')['records']:
        data = case['canonical'].encode('utf-8')
        table.attempt('record ' + case['kind'], lambda: KINDS[parse(data)['schema']], case['kind'])
        table.equal('id of ' + case['kind'], identifier(data), case['id'])
        table.equal('signed bytes of ' + case['kind'], signed(case['kind'], data), unbase64(case['signed']))
    section('records')
    check_ledger(table, vectors('ledger'))
    section('ledger')
    for name, count in counts.items():
        print('%-14s %4d compared' % (name, count))
    table.verbose = True
    print('example.bims.json')
    attachments = [unbase64(case['bytes']) for case in vectors('attachments')['attachments']]
    check_bundle(table, parse(read('example.bims.json')), lambda at: attachments[3])


# --- a saved image ---------------------------------------------------------------------------------------------------------------

# Axes of tifffile: R are positions, S the samples of a channel, I and Q nobody has named.
WORDS = {'R': 'position', 'T': 't', 'C': 'c', 'S': 'c', 'Z': 'z', 'Y': 'y', 'X': 'x', 'A': 'angle', 'P': 'phase',
         'H': 'lifetime', 'E': 'lambda', 'L': 'exposure', 'V': 'event', 'M': 'mosaic', 'I': 'plane', 'Q': 'plane'}


def rank(axis):
    first, last = ['position', 't'], ['c', 'z', 'y', 'x']
    return (0, first.index(axis), '') if axis in first else (2, last.index(axis), '') if axis in last else (1, 0, axis)


def laid_out(array, letters):
    """An array of tifffile in the axes of digests: axes, shape, samples as bytes."""
    import numpy
    unnamed = any(letter in 'IQ' for letter in letters)
    axes = ['plane' if unnamed and letter not in 'SYX' else WORDS[letter] for letter in letters]
    # A channel's samples stand next to each other, so that the axis of samples follows that of channels.
    order = sorted(range(len(axes)), key=lambda i: (rank(axes[i]), letters[i] == 'S'))
    array = numpy.asarray(array).transpose(order)
    axes, shape = [axes[i] for i in order], list(array.shape)
    kept = [i for i, axis in enumerate(axes) if shape[i] != 1 or axis in ('y', 'x')]
    axes, shape = [axes[i] for i in kept], [shape[i] for i in kept]
    for at in range(len(axes) - 2, -1, -1):
        if axes[at] == axes[at + 1]:  # channels and their samples are one axis, and so is what nobody has named
            axes[at:at + 2], shape[at:at + 2] = [axes[at]], [shape[at] * shape[at + 1]]
    little = array.dtype.newbyteorder('<')
    return axes, shape, numpy.ascontiguousarray(array, dtype=little).tobytes()


def check_image(table, image, level):
    name = 'image %s' % image['name']
    if image['digest'].startswith('bims-coded-1:'):
        handle = level.keyframe.parent.filehandle
        directories = []
        for page in level.pages:
            tiles = []
            for offset, count in zip(page.dataoffsets, page.databytecounts):
                handle.seek(offset)
                tiles.append(handle.read(count) if count else b'')
            directories.append((page.jpegtables or b'', tiles))
        coding = {7: 'jpeg', 33007: 'jpeg', 34892: 'jpeg', 22610: 'jpegxr', 34934: 'jpegxr', 34927: 'webp', 50001: 'webp'}
        shape = image['shape'][-2:]
        found = coded_digests(image['axes'], image['shape'], image['dtype'],
                              coding.get(int(level.keyframe.compression), 'jpeg2000'), shape, directories)
        return table.equal(name, found, (image['digest'], image['content']))
    axes, shape, data = laid_out(level.asarray(), level.axes)
    dtype = str(level.dtype.newbyteorder('='))
    table.equal(name + ': axes, shape, dtype', (axes, shape, dtype), (image['axes'], [int(n) for n in image['shape']], image['dtype']))
    table.equal(name, pixel_digests(axes, shape, dtype, data), (image['digest'], image['content']))


def check_file(table, path):
    import tifffile
    with tifffile.TiffFile(path) as tif:
        tag = tif.pages[0].tags.get(65519)
        if tag is not None:
            value = tag.value
            data = value.encode('utf-8') if isinstance(value, str) else bytes(value)
        elif os.path.exists(path + '.bims.json'):
            with open(path + '.bims.json', 'rb') as file:
                data = file.read()
        else:
            print('%s carries no bundle: neither tag 65519 nor a sidecar' % path)
            sys.exit(2)

        def in_file(at):
            directory, tag_, _, n = re.fullmatch(r'tiff:([0-9]+)/([0-9]+)(#([0-9]+))?', at).groups()
            entry = [one for one in tif.pages[int(directory)].tags if one.code == int(tag_)][int(n or 0)]
            tif.filehandle.seek(entry.valueoffset)
            return tif.filehandle.read(entry.valuebytecount)

        bundle = parse(data.rstrip(b'\0'))
        images = check_bundle(table, bundle, in_file)
        levels = {}
        for i, series in enumerate(tif.series):
            for j, level in enumerate(series.levels):
                levels['%d/%d' % (i, j) if j else str(i)] = level
        table.equal('images of the file', sorted(levels), sorted(image['name'] for image in images))
        for image in images:
            if image['name'] in levels:
                check_image(table, image, levels[image['name']])


def main(path):
    table = Table()
    if os.path.isdir(path):
        check_vectors(table, path)
    else:
        check_file(table, path)
    print('%d compared, %d wrong' % (table.count, table.wrong))
    return 1 if table.wrong else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
