/** One block of planes that OME-XML places in a file. */
export interface TiffData {
  readonly first: Readonly<Record<'c' | 'z' | 't', number>>
  /** Absent: from directory 0 on. */
  readonly ifd?: number
  readonly count?: number
  readonly file?: string
  readonly uuid?: string
}

/** One Image of OME-XML, as far as it says where pixels stand. */
export interface OmeImage {
  /** Axes over planes, slowest first, e.g. t c z. */
  readonly order: readonly ('c' | 'z' | 't')[]
  readonly size: Readonly<Record<'c' | 'z' | 't' | 'y' | 'x', number>>
  /** Samples of each channel; 1 unless all channels say otherwise. */
  readonly samples: number
  readonly blocks: readonly TiffData[]
}

/** What OME-XML says about where pixels stand. */
export interface OmeFile {
  readonly uuid?: string
  readonly images: readonly OmeImage[]
  /** The file that holds the metadata, where this one has only pixels. */
  readonly binaryOnly?: { readonly file: string; readonly uuid?: string }
}

type Node = Readonly<Record<string, unknown>>

const isNode = (u: unknown): u is Node => typeof u === 'object' && u !== null && !Array.isArray(u)

const children = (node: Node, name: string): readonly Node[] => {
  const value = node[name]
  return (Array.isArray(value) ? value : [value]).flatMap(child => (isNode(child) ? [child] : child === '' ? [{}] : []))
}

const attribute = (node: Node, name: string): string | undefined => {
  const value = node[`@${name}`]
  return typeof value === 'string' ? value : undefined
}

const count = (node: Node, name: string): number | undefined => {
  const text = attribute(node, name)
  const value = text === undefined || !/^\s*\d+\s*$/.test(text) ? undefined : Number(text)
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined
}

/** The UUID of another file, or of this one, and its name; without attributes the parser gives the text alone. */
const fileOf = (node: Node): Pick<TiffData, 'file' | 'uuid'> => {
  const list = node['UUID']
  const value: unknown = Array.isArray(list) ? list[0] : undefined
  if (typeof value === 'string') return { uuid: value.trim() }
  if (!isNode(value)) return {}
  const [file, text] = [attribute(value, 'FileName'), value['#text']]
  return { ...(file === undefined ? {} : { file }), ...(typeof text === 'string' ? { uuid: text.trim() } : {}) }
}

const tiffDataOf = (node: Node): TiffData => {
  const ifd = count(node, 'IFD')
  const planes = count(node, 'PlaneCount') ?? count(node, 'NumPlanes') ?? (ifd === undefined ? undefined : 1)
  const first = (name: string): number => count(node, name) ?? 0
  return {
    first: { c: first('FirstC'), z: first('FirstZ'), t: first('FirstT') },
    ...(ifd === undefined ? {} : { ifd }),
    // PlaneCount 0 is what some writers mean by "all".
    ...(planes === undefined || planes === 0 ? {} : { count: planes }),
    ...fileOf(node)
  }
}

const isPlaneAxis = (letter: string): letter is 'c' | 'z' | 't' => letter === 'c' || letter === 'z' || letter === 't'

const sizeOf = (pixels: Node): OmeImage['size'] | undefined => {
  const length = (name: string): number => count(pixels, name) ?? 0
  const size = { c: length('SizeC'), z: length('SizeZ'), t: length('SizeT'), y: length('SizeY'), x: length('SizeX') }
  return Object.values(size).every(value => value > 0) ? size : undefined
}

/** Samples of each channel, where all channels have as many and they divide SizeC. */
const samplesOf = (pixels: Node, channels: number): number | undefined => {
  const perChannel = new Set(children(pixels, 'Channel').map(channel => count(channel, 'SamplesPerPixel') ?? 1))
  const [samples = 1] = perChannel
  return perChannel.size <= 1 && samples >= 1 && channels % samples === 0 ? samples : undefined
}

const imageOf = (node: Node): OmeImage | undefined => {
  const [pixels] = children(node, 'Pixels')
  const size = pixels === undefined ? undefined : sizeOf(pixels)
  if (pixels === undefined || size === undefined) return undefined
  const order = [...(attribute(pixels, 'DimensionOrder') ?? '').toLowerCase()].reverse().filter(isPlaneAxis)
  const samples = samplesOf(pixels, size.c)
  if (samples === undefined || new Set(order).size !== 3) return undefined
  return {
    order,
    size: { ...size, c: size.c / samples },
    samples,
    blocks: children(pixels, 'TiffData').map(tiffDataOf)
  }
}

/** Whether a text is OME-XML by its closing tag. */
export const isOmeXml = (text: string): boolean => /OME>\s*$/.test(text.slice(-32))

/**
 * Reads from OME-XML where pixels stand, or undefined where it is not well-formed or an Image contradicts itself.
 * The XML parser is loaded only here.
 */
export const parseOmeXml = async (text: string): Promise<OmeFile | undefined> => {
  const { XMLParser } = await import('fast-xml-parser')
  const lists: ReadonlySet<string> = new Set(['Image', 'Channel', 'TiffData', 'UUID'])
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseAttributeValue: false,
    parseTagValue: false,
    isArray: name => lists.has(name)
  })
  let parsed: unknown
  try {
    parsed = parser.parse(text)
  } catch {
    return undefined
  }
  const root = isNode(parsed) ? parsed['OME'] : undefined
  if (!isNode(root)) return undefined
  const images = children(root, 'Image').map(imageOf)
  if (images.some(image => image === undefined)) return undefined
  const uuid = attribute(root, 'UUID')
  const [binary] = children(root, 'BinaryOnly')
  const metadataFile = binary === undefined ? undefined : attribute(binary, 'MetadataFile')
  const binaryUuid = binary === undefined ? undefined : attribute(binary, 'UUID')
  return {
    images: images.filter(image => image !== undefined),
    ...(uuid === undefined ? {} : { uuid }),
    ...(metadataFile === undefined
      ? {}
      : { binaryOnly: { file: metadataFile, ...(binaryUuid === undefined ? {} : { uuid: binaryUuid }) } })
  }
}
