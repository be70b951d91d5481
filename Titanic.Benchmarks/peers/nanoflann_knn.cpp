// Times nanoflann's exact k-nearest-neighbor search: nanoflann_knn POINTS QUERIES K [LEAF]
// Build: g++ -O3 -march=native -o nanoflann_knn nanoflann_knn.cpp
// Timings are in single precision, which is nanoflann's fastest mode. A final, untimed pass over the same points in double precision computes a
// checksum that another exact search must reproduce to the last bit.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <nanoflann.hpp>

using Clock = std::chrono::steady_clock;

template <class Number> struct Points {
    const std::vector<float>& values;
    size_t kdtree_get_point_count() const { return values.size() / 4; }
    Number kdtree_get_pt(size_t row, size_t column) const { return values[row * 4 + column]; }
    template <class Box> bool kdtree_get_bbox(Box&) const { return false; }
};

template <class Number>
using Tree = nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<Number, Points<Number>>, Points<Number>, 4, uint32_t>;

static std::vector<float> read_floats(const char* path) {
    FILE* file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    fseek(file, 0, SEEK_END);
    std::vector<float> values(ftell(file) / sizeof(float));
    rewind(file);
    if (fread(values.data(), sizeof(float), values.size(), file) != values.size()) exit(1);
    fclose(file);
    return values;
}

// Sum of the k-th squared distances: the same for every exact search.
template <class Number>
static double search(const Tree<Number>& tree, const std::vector<Number>& queries, size_t k) {
    std::vector<uint32_t> rows(k);
    std::vector<Number> distances(k);
    double checksum = 0;
    for (size_t i = 0; i < queries.size(); i += 4) {
        tree.knnSearch(&queries[i], k, rows.data(), distances.data());
        checksum += distances[k - 1];
    }
    return checksum;
}

int main(int argc, char** argv) {
    if (argc < 4) { fprintf(stderr, "usage: %s POINTS QUERIES K [LEAF]\n", argv[0]); return 2; }
    const auto values = read_floats(argv[1]), queries = read_floats(argv[2]);
    const size_t k = atoi(argv[3]);
    const nanoflann::KDTreeSingleIndexAdaptorParams leaf(argc > 4 ? atoi(argv[4]) : 10);
    const auto start = Clock::now();
    const Points<float> points{values};
    Tree<float> tree(4, points, leaf);
    tree.buildIndex();
    printf("build_ms %.1f\n", std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    for (int round = 0; round < 6; round++) {
        const auto t = Clock::now();
        search<float>(tree, queries, k);
        printf("ns_per_query %.1f\n", std::chrono::duration<double, std::nano>(Clock::now() - t).count() / (queries.size() / 4));
    }
    const Points<double> wide{values};
    Tree<double> exact(4, wide, leaf);
    exact.buildIndex();
    printf("checksum %.17g\n", search<double>(exact, std::vector<double>(queries.begin(), queries.end()), k));
}
