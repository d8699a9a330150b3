// Opens each image of a list and writes what ImageJ makes of it: raw samples beside the list, a line of facts each.
list = split(File.openAsString(getArgument()), "\n");
setBatchMode(true);
out = "";
for (i = 0; i < list.length; i++) {
  part = split(list[i], "\t");
  open(part[0]);
  getDimensions(width, height, channels, slices, frames);
  getVoxelSize(w, h, d, unit);
  out = out + part[1] + "\t" + bitDepth() + "\t" + width + "x" + height + "x" + channels + "x" + slices + "x" + frames + "\t" + w + "," + h + "," + d + " " + unit + "\n";
  saveAs("Raw Data", part[1]);
  close("*");
}
File.saveString(out, getArgument() + ".out");
run("Quit");
