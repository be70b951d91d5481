using System.Security.Cryptography;

namespace Titanic.Web.Passengers;

/// <summary>
/// The historical list that comes with the product: "titanic3" by Thomas Cason and Frank E. Harrell Jr. (OpenML data set 40945) in
/// Kaggle's column layout; 1309 passengers, of whom 500 survived. Its bytes are checked before use, since every reference figure of
/// the model rests on them.
/// </summary>
public sealed class BundledDataset
{
    public const string Source = "titanic3";
    public const string Sha256 = "e4ef0acfdd3304dc391967733076f1521fcc2e062bf86607e8662af60938cae2";

    private readonly string _path;
    private readonly Lazy<IReadOnlyList<Passenger>> _passengers;

    public BundledDataset() : this(Path.Combine(AppContext.BaseDirectory, "Passengers", "titanic.csv"))
    {
    }

    internal BundledDataset(string path)
    {
        _path = path;
        _passengers = new(ReadPassengers);
    }

    /// <summary>All 1309 in the file's order, which is by class; read once.</summary>
    /// <exception cref="PassengerFileException">The shipped file is missing or damaged.</exception>
    public IReadOnlyList<Passenger> Passengers => _passengers.Value;

    /// <exception cref="PassengerFileException">The shipped file is missing or damaged.</exception>
    public byte[] ReadVerifiedBytes()
    {
        if (!File.Exists(_path))
            throw new PassengerFileException($"The shipped passenger list is missing at {_path}. Hint: install the product again.");
        var bytes = File.ReadAllBytes(_path);
        var seen = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (seen != Sha256)
        {
            throw new PassengerFileException($"The shipped passenger list {_path} has SHA-256 {seen}; it must be {Sha256}. "
                + "Hint: the file was changed (a tool may have rewritten its line breaks); restore it.");
        }
        return bytes;
    }

    private IReadOnlyList<Passenger> ReadPassengers()
    {
        // Memory never waits, so the reader's tasks are complete before they are asked.
        using var bytes = new MemoryStream(ReadVerifiedBytes());
        var csv = PassengerCsv.OpenAsync(bytes, new PassengersOptions(), CancellationToken.None).GetAwaiter().GetResult();
        return [.. csv.RowsAsync().ToBlockingEnumerable().Cast<AcceptedRow>().Select(row => row.Passenger)];
    }
}
