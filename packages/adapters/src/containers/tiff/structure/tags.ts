/** Numbers of the TIFF tags that are read here (TIFF 6.0, BigTIFF, and the registered private ones). */
export const tags = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  make: 271,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripCounts: 279,
  planar: 284,
  software: 305,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileCounts: 325,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  subsampling: 530,
  imageDepth: 32997,
  dngVersion: 50706,
  microManager: 51123,
  ndpi: 65420,
  /** The private tag of a bundle; no other use of the number was found (formats.md). */
  bundle: 65519
} as const

/** Bytes of one value of each field type, by type number; 0 for numbers that are no type. */
export const typeSizes: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]

/** Largest bundle that is read; more is not a bundle. */
export const largestBundle = 512 * 1024 * 1024

/** Largest single native block that is handed out. */
export const largestBlock = 64 * 1024 * 1024

/** Most directories of one file, pages and levels together. */
export const mostDirectories = 1_000_000
