// Reads a log with HdrHistogram's own implementation and says what it finds, a line an interval:
// TAG START LENGTH COUNT (in milliseconds from the log's beginning), then the value at each percentile asked for.
//
//   java --class-path hdrhistogram.jar read_histogram_log.java LOG PERCENTILE…

import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

class ReadHistogramLog {
  public static void main(String[] arguments) throws Exception {
    HistogramLogReader reader = new HistogramLogReader(arguments[0]);
    Histogram histogram;
    while ((histogram = (Histogram) reader.nextIntervalHistogram()) != null) {
      StringBuilder line = new StringBuilder();
      line.append(histogram.getTag());
      line.append(' ').append(histogram.getStartTimeStamp() - (long) (1000 * reader.getStartTimeSec()));
      line.append(' ').append(histogram.getEndTimeStamp() - histogram.getStartTimeStamp());
      line.append(' ').append(histogram.getTotalCount());
      for (int i = 1; i < arguments.length; ++i) {
        line.append(' ').append(histogram.getValueAtPercentile(Double.parseDouble(arguments[i])));
      }
      System.out.println(line);
    }
  }
}
