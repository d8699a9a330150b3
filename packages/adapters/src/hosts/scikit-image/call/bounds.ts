/** Most elements that a result may have that is larger than the image it is made of. */
export const maxElements = 2 ** 29

/** Most positions of kernels and footprints that one call may visit: some minutes' work. */
export const maxWork = 2 ** 40
