using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>A stream that generates its text while it is read, so that the test itself needs little memory.</summary>
internal sealed class GeneratedStream(IEnumerable<string> parts) : ReadOnlyStream
{
    private readonly IEnumerator<string> _parts = parts.GetEnumerator();
    private byte[] _remaining = [];

    public static IEnumerable<string> Csv(string header, int rows, Func<int, string> row) =>
        Enumerable.Range(1, rows).Select(row).Prepend(header);

    public static IEnumerable<string> Json(int elements, Func<int, string> element) =>
        Enumerable.Range(1, elements).Select(number => (number == 1 ? "[" : ",") + element(number)).Append("]");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_remaining.Length == 0 && _parts.MoveNext())
            _remaining = Encoding.UTF8.GetBytes(_parts.Current);
        var taken = Math.Min(buffer.Length, _remaining.Length);
        _remaining.AsMemory(0, taken).CopyTo(buffer);
        _remaining = _remaining[taken..];
        return ValueTask.FromResult(taken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _parts.Dispose();
        base.Dispose(disposing);
    }
}
