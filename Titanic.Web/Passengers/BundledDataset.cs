using System.Security.Cryptography;

namespace Titanic.Web.Passengers;

/// <summary>
/// The passenger list that is part of the application: "titanic3" by Thomas Cason and Frank E. Harrell Jr. (OpenML dataset 40945) in
/// Kaggle's column layout. It has 1309 rows; 500 passengers survived. Its SHA-256 is checked before use, because every reference metric
/// depends on these bytes.
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

    /// <summary>All 1309 passengers in the order of the file, which is sorted by class. The file is read on first use.</summary>
    /// <exception cref="PassengerFileException">The file is missing or its SHA-256 is not <see cref="Sha256"/>.</exception>
    public IReadOnlyList<Passenger> Passengers => _passengers.Value;

    /// <summary>Returns the bytes of the CSV file after comparing their digest with <see cref="Sha256"/>.</summary>
    /// <exception cref="PassengerFileException">The file is missing or its SHA-256 is not <see cref="Sha256"/>.</exception>
    public byte[] ReadVerifiedBytes()
    {
        if (!File.Exists(_path))
            throw new PassengerFileException($"The bundled passenger list is missing at {_path}. Hint: reinstall the application.");
        var bytes = File.ReadAllBytes(_path);
        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (actual != Sha256)
        {
            throw new PassengerFileException($"The bundled passenger list {_path} has SHA-256 {actual}; it must be {Sha256}. "
                + "Hint: the file was changed, for example by a tool that converts line breaks; restore the original file.");
        }
        return bytes;
    }

    private IReadOnlyList<Passenger> ReadPassengers()
    {
        // Reads from memory complete synchronously, so blocking here never waits.
        using var bytes = new MemoryStream(ReadVerifiedBytes());
        var csv = PassengerCsv.OpenAsync(bytes, new PassengersOptions(), CancellationToken.None).GetAwaiter().GetResult();
        return [.. csv.RowsAsync().ToBlockingEnumerable().Cast<AcceptedRow>().Select(row => row.Passenger)];
    }
}
