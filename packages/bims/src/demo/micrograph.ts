import type { NdArray } from '@bims/core'

/** A small repeatable source of numbers in [0, 1) (mulberry32): the same seed gives the same micrograph. */
const newRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Standard normal deviates, enough of them to be drawn from again and again: shot noise needs one a pixel. */
const normalTable = (random: () => number, length: number): Float32Array =>
  Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))

interface Nucleus {
  readonly x: number
  readonly y: number
  readonly a: number
  readonly b: number
  readonly angle: number
  readonly brightness: number
}

const newNucleus = (random: () => number, size: number): Nucleus => ({
  x: random() * size,
  y: random() * size,
  a: size * (0.009 + 0.009 * random()),
  b: size * (0.007 + 0.006 * random()),
  angle: Math.PI * random(),
  brightness: 2500 + 9000 * random()
})

/** Adds a nucleus with a soft rim and a mottled inside; samples are photoelectrons. */
const addNucleus = (image: Float32Array, size: number, nucleus: Nucleus): void => {
  const { a, angle, b, brightness, x, y } = nucleus
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const reach = Math.ceil(1.4 * Math.max(a, b))
  for (let row = Math.max(0, Math.floor(y) - reach); row <= Math.min(size - 1, Math.ceil(y) + reach); row++) {
    for (
      let column = Math.max(0, Math.floor(x) - reach);
      column <= Math.min(size - 1, Math.ceil(x) + reach);
      column++
    ) {
      const [u, v] = [(cos * (column - x) + sin * (row - y)) / a, (cos * (row - y) - sin * (column - x)) / b]
      const radius = u * u + v * v
      if (radius > 1.9) continue
      const inside = 1 / (1 + Math.exp(12 * (radius - 1)))
      const mottled = 1 + 0.15 * Math.sin(column * 0.9) * Math.cos(row * 1.1)
      image[row * size + column] = (image[row * size + column] ?? 0) + brightness * inside * mottled
    }
  }
}

/** What the simulated camera is like. */
export const simulatedCamera = { offset: 100, gainElectronsPerCount: 0.5, readNoiseElectrons: 1.6 } as const

/**
 * A simulated fluorescence micrograph of nuclei, `size` × `size` uint16: uneven illumination, shot noise, camera
 * offset and read noise. The same seed gives the same pixels.
 */
export const simulateMicrograph = (size: number, seed: number): NdArray => {
  const random = newRandom(seed)
  const image = new Float32Array(size * size)
  for (let i = 0; i < 220; i++) addNucleus(image, size, newNucleus(random, size))
  const noise = normalTable(random, 65_536)
  const data = new Uint16Array(size * size)
  const { gainElectronsPerCount: gain, offset, readNoiseElectrons } = simulatedCamera
  let draw = Math.floor(random() * noise.length)
  for (let row = 0; row < size; row++) {
    const dy = row / size - 0.5
    for (let column = 0; column < size; column++) {
      const dx = column / size - 0.5
      const i = row * size + column
      const light = ((image[i] ?? 0) + 420) * (1 - 0.5 * (dx * dx + dy * dy))
      // A stride that shares no factor with the table's length, jumping by the row: no visible pattern.
      draw = (draw + 40_503 + (column === 0 ? row : 0)) & 0xffff
      const electrons = light + Math.sqrt(light + readNoiseElectrons ** 2) * (noise[draw] ?? 0)
      data[i] = Math.max(0, Math.min(65_535, Math.round(electrons / gain / 4 + offset)))
    }
  }
  return { shape: [size, size], dtype: 'uint16', data }
}
