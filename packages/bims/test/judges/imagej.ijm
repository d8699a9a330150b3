// Opens each image of a list (lines "path TAB key") and writes what ImageJ makes of it into "<list>.out": first
// "version TAB …", then for each image "key TAB begin", a line of facts for each window that came of it, "key TAB end".
// Raw samples go to "<key>.<window>.raw", the text that ImageJ shows for the image to "<key>.<window>.txt".
list = getArgument();
lines = split(File.openAsString(list), "\n");
setBatchMode(true);
File.append("version\t" + getVersion(), list + ".out");
for (i = 0; i < lines.length; i++) {
  // An empty list asks for the version alone.
  if (lengthOf(lines[i]) == 0) continue;
  part = split(lines[i], "\t");
  File.append(part[1] + "\tbegin", list + ".out");
  open(part[0]);
  for (w = 1; w <= nImages; w++) {
    selectImage(w);
    getDimensions(width, height, channels, slices, frames);
    getVoxelSize(x, y, z, unit);
    size = "" + width + "x" + height + "x" + channels + "x" + slices + "x" + frames;
    voxel = d2s(x, -9) + "," + d2s(y, -9) + "," + d2s(z, -9) + " " + unit;
    File.append(part[1] + "\t" + bitDepth() + " bit, " + size + ", voxel " + voxel + ", 1 is " + d2s(calibrate(1), -9), list + ".out");
    File.saveString(getMetadata("Info"), part[1] + "." + w + ".txt");
    saveAs("Raw Data", part[1] + "." + w + ".raw");
  }
  close("*");
  File.append(part[1] + "\tend", list + ".out");
}
run("Quit");
