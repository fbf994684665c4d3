import Testing
@testable import Server

/// The text that Prometheus reads.
@Suite(.timeLimit(.minutes(60))) struct PrometheusTextTests {
    @Test func aFamilyHasHelpTypeAndSamples() {
        var text = PrometheusText()
        text.family("a_total", .counter, "What\nit \\ is.", [([("x", "1"), ("y", "a\"b\\c\nd")], 2), ([], 0.5)])
        #expect(
            text.text == """
                # HELP a_total What\\nit \\\\ is.
                # TYPE a_total counter
                a_total{x="1",y="a\\"b\\\\c\\nd"} 2
                a_total 0.5

                """)
    }

    @Test func aHistogramHasBucketsSumAndCount() {
        var histogram = Histogram(bounds: [0.5]), text = PrometheusText()
        histogram.observe(0.25)
        histogram.observe(3)
        text.histograms("s", "S.", [([("k", "v")], histogram)])
        #expect(
            text.text == """
                # HELP s S.
                # TYPE s histogram
                s_bucket{k="v",le="0.5"} 1
                s_bucket{k="v",le="+Inf"} 2
                s_sum{k="v"} 3.25
                s_count{k="v"} 2

                """)
    }

    @Test(arguments: [
        (0.0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (0.1, "0.1"), (1e300, "1e+300"), (.nan, "NaN"), (-.infinity, "-Inf"),
    ])
    func numbersAreAsGoWritesThem(value: Double, text: String) {
        #expect(PrometheusText.number(value) == text)
    }
}
